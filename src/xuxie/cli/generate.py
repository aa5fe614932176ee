"""What a trained model says, and where it has it from."""

import argparse
import sys
from pathlib import Path

from xuxie.cli.verbs import MODEL, Verbs
from xuxie.entry import PARAMS

SPLITS = Path("data/splits")


def add(verb: Verbs) -> None:
    add_generate(verb)
    add_provenance(verb)


def add_generate(verb: Verbs) -> None:
    generating = verb("generate", generate, "续写提示 continue prompts with the trained model")
    generating.add_argument(
        "prompts", nargs="+", metavar="PROMPT", help="开头 the text to continue"
    )
    generating.add_argument("-n", type=int, default=1, help="每个开头的续写数 samples a prompt (1)")
    generating.add_argument("--seed", type=int, help="随机种子 seed (generate.seed)")
    generating.add_argument("--temperature", type=float, help="温度 (generate.temperature)")
    generating.add_argument(
        "--max-new-tokens", type=int, help="最多词元数 (generate.max_new_tokens)"
    )
    generating.add_argument(
        "--stop",
        action="append",
        metavar="TEXT",
        help="遇到此文本即止，可多次给出 end before this text; may be repeated (generate.stop)",
    )
    generating.add_argument(
        "--weights", choices=("fp32", "int8"), help="权重精度 precision (generate.weights)"
    )
    generating.add_argument(
        "--model", type=Path, help=f"模型目录 directory (冠军 the champion, 否则 else {MODEL})"
    )


def add_provenance(verb: Verbs) -> None:
    tracing = verb(
        "provenance",
        provenance,
        "哪些片段逐字出自训练集 which stretches of a text stand verbatim in the training split",
    )
    tracing.add_argument("texts", nargs="+", metavar="TEXT", help="文本 any text; - 标准输入 stdin")
    tracing.add_argument(
        "--characters",
        type=int,
        help="片段最少的字数 fewest characters (generate.provenance.characters)",
    )
    tracing.add_argument(
        "--splits", type=Path, default=SPLITS, help=f"split 阶段的目录 directory ({SPLITS})"
    )


def generate(arguments: argparse.Namespace) -> int:
    """Stream continuations of the prompts to the terminal."""
    from xuxie import config

    settings = config.load(PARAMS)
    chosen = {
        name: getattr(arguments, name)
        for name in ("seed", "temperature", "max_new_tokens", "stop", "weights")
        if getattr(arguments, name) is not None
    }
    generating = settings.generate.model_dump() | {
        "samples": arguments.n,
        "prompts": arguments.prompts,
    }
    checked = config.check(settings.model_dump() | {"generate": generating | chosen}).generate

    from xuxie.generate.command import stream

    stream(checked, arguments.model or serving())
    return 0


def serving() -> Path:
    """The champion's directory where there is a champion, else the workspace's model."""
    from xuxie.track.champion import champion

    found = champion()
    if found is None:
        return MODEL
    print(f"冠军 champion: v{found.version}", file=sys.stderr)
    return Path(found.folder)


def provenance(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from xuxie import config
    from xuxie.generate.provenance.command import show

    chosen = config.load(PARAMS).model_dump()
    if arguments.characters is not None:
        chosen["generate"]["provenance"]["characters"] = arguments.characters
    texts = [standard_input() if text == "-" else text for text in arguments.texts]
    show(config.check(chosen).generate.provenance, texts, arguments.splits, Console())
    return 0


def standard_input() -> str:
    """Bytes that are no UTF-8 stay recognisable, as Python keeps them in arguments."""
    return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
