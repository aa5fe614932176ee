"""The program that MLflow runs to serve a logged model: prompts in, continuations out.

MLflow executes this file by itself, outside our package: it uses nothing of ours.
"""

from typing import Any

import mlflow
import pandas as pd
import torch
from mlflow.pyfunc import PythonModelContext
from transformers import AutoModelForCausalLM, AutoTokenizer


class Continuation(mlflow.pyfunc.PythonModel):
    """Continues each prompt of a column `prompt`."""

    def load_context(self, context: PythonModelContext) -> None:
        directory = context.artifacts["model"]
        self.tokenizer = AutoTokenizer.from_pretrained(directory, local_files_only=True)
        self.model = AutoModelForCausalLM.from_pretrained(directory, local_files_only=True).eval()

    def predict(
        self,
        context: PythonModelContext,
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,
    ) -> list[str]:
        del context  # MLflow passes it by this name
        options = dict(params or {})
        torch.manual_seed(options.pop("seed", 1))
        return [self.continued(str(prompt), options) for prompt in model_input["prompt"]]

    def continued(self, prompt: str, options: dict[str, Any]) -> str:
        words = self.tokenizer(prompt, return_tensors="pt", add_special_tokens=False)
        with torch.inference_mode():
            tokens = self.model.generate(
                **words, do_sample=True, pad_token_id=self.tokenizer.eos_token_id, **options
            )
        return str(self.tokenizer.decode(tokens[0], skip_special_tokens=True)).rstrip("\ufffd")


mlflow.models.set_model(Continuation())
