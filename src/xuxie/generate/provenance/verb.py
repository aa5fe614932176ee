"""The verb `provenance` of the `xuxie` command: its arguments, and nothing heavy before it runs."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from xuxie.entry import PARAMS

SPLITS = Path("data/splits")
CHINESE = "文本里哪些片段逐字出自训练集"
ENGLISH = "which stretches of a text stand verbatim in the training split"


Function = Callable[[argparse.Namespace], int]


def add_provenance(verb: Callable[[str, Function, str], argparse.ArgumentParser]) -> None:
    """Args: verb: adds a verb by its name, what it does and its help."""
    adding = verb("provenance", provenance, f"{CHINESE} {ENGLISH}")
    adding.add_argument("texts", nargs="+", metavar="TEXT", help="文本 any text; - 标准输入 stdin")
    adding.add_argument(
        "--characters",
        type=int,
        help="片段最少的字数 fewest characters (generate.provenance.characters)",
    )
    adding.add_argument(
        "--splits", type=Path, default=SPLITS, help=f"split 阶段的目录 directory ({SPLITS})"
    )


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
