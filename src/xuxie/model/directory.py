"""A model directory: safetensors and JSON as transformers writes them, sealed with a manifest."""

from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel
from transformers import PreTrainedTokenizerBase as TokenizerBase
from transformers.utils.logging import disable_progress_bar

from xuxie.errors import Refusal, bad_data
from xuxie.model.device import best_device
from xuxie.store.manifest import verify


def load_tokenizer(directory: Path) -> TokenizerBase:
    return AutoTokenizer.from_pretrained(directory, local_files_only=True)


def load_model(directory: Path, *, checked: bool = True) -> PreTrainedModel:
    """The model in fp32, ready to score on the best device; no code of the directory runs.

    Raises:
        Refusal: weights are missing, or `checked` and a file differs from the manifest.
    """
    disable_progress_bar()
    if checked:
        verify(directory)
    if not (directory / "config.json").is_file():
        raise bad_data(
            f"{directory} 里没有模型（缺 config.json）；微调请设 fetch.pretrained.kind",
            f"no model in {directory} (no config.json); to fine-tune, set fetch.pretrained.kind",
        )
    model, found = AutoModelForCausalLM.from_pretrained(
        directory,
        local_files_only=True,
        trust_remote_code=False,
        dtype=torch.float32,
        output_loading_info=True,
    )
    if found["missing_keys"]:
        raise incomplete(directory, sorted(found["missing_keys"])[0])
    return model.to(best_device()).eval()


def incomplete(directory: Path, name: str) -> Refusal:
    """transformers would fill the gap with random numbers and go on."""
    return bad_data(
        f"{directory} 的权重里缺少 {name}；请换成完整的因果语言模型",
        f"the weights in {directory} lack {name}; use a complete causal language model",
    )


def context_of(model: PreTrainedModel, wanted: int | None = None) -> int:
    """Tokens the model can attend to, at most `wanted`."""
    limit = int(getattr(model.config, "max_position_embeddings", wanted or 1024))
    return min(limit, wanted) if wanted else limit


def save(model: PreTrainedModel, tokenizer: TokenizerBase, folder: Path) -> None:
    disable_progress_bar()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
