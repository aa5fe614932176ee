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
        options["min_new_tokens"] = min(options["min_new_tokens"], options["max_new_tokens"])
        torch.manual_seed(options.pop("seed"))
        return [self.continued(str(prompt), options) for prompt in model_input["prompt"]]

    def continued(self, prompt: str, options: dict[str, Any]) -> str:
        """The prompt and what follows it; like a document, it stands behind an end of text.

        Of a prompt that does not fit into the context the end is read.
        """
        words = self.tokenizer(prompt, add_special_tokens=False, verbose=False)["input_ids"]
        end = self.tokenizer.eos_token_id
        room = self.model.config.max_position_embeddings - options["max_new_tokens"]
        inputs = torch.tensor([[end, *words][-room:]])
        with torch.inference_mode():
            tokens = self.model.generate(
                inputs,
                attention_mask=torch.ones_like(inputs),
                pad_token_id=end,
                **sampling(options),
            )
        return str(self.tokenizer.decode(tokens[0], skip_special_tokens=True)).rstrip("\ufffd")


def sampling(options: dict[str, Any]) -> dict[str, Any]:
    """A temperature of 0 takes the likeliest token every time."""
    if options["temperature"] > 0:
        return options | {"do_sample": True}
    sampled = {"temperature", "top_k", "top_p"}
    return {name: value for name, value in options.items() if name not in sampled} | {
        "do_sample": False
    }


mlflow.models.set_model(Continuation())
