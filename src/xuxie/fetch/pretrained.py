"""A pretrained causal language model as a transformers directory, wherever it comes from."""

from pathlib import Path

from xuxie.errors import ExitCode, Refusal, bad_data, first_line
from xuxie.fetch.settings import Pretrained


def bring(pretrained: Pretrained, start: Path, out: Path) -> None:
    """Write the model and its tokenizer to `out` as safetensors and JSON; nothing if kind is none.

    Raises:
        Refusal: the folder holds no such model, or the hub cannot be reached.
    """
    if pretrained.kind == "none":
        return
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer

    revision = {"revision": pretrained.revision} if pretrained.kind == "hub" else {}
    name = pretrained.name if pretrained.kind == "hub" else str(folder(start / pretrained.name))
    try:
        model, report = AutoModelForCausalLM.from_pretrained(
            name, trust_remote_code=False, output_loading_info=True, **revision
        )
        tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False, **revision)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise unusable(name, error) from None
    if missing := sorted(report["missing_keys"]):
        # transformers fills them with random numbers and goes on.
        raise unusable(name, ValueError(f"no weights for {', '.join(missing)}"))
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)


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
