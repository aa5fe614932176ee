"""Does a model know good Chinese from bad."""

import argparse
from pathlib import Path

from xuxie.cli.verbs import MODEL, Verbs
from xuxie.entry import PARAMS

PAIRS = Path("data/minimal_pairs.tsv")


def add(verb: Verbs) -> None:
    comparing = verb(
        "pairs",
        pairs,
        "模型能否认出通顺的句子 does the model find the good one of two sentences likelier",
    )
    comparing.add_argument(
        "source",
        nargs="?",
        type=Path,
        default=PAIRS,
        metavar="FOLDER",
        help=f"JSONL 句对文件夹，如 ZhoBLiMP folder of pairs as JSON lines ({PAIRS})",
    )
    comparing.add_argument(
        "--model", type=Path, default=MODEL, help=f"模型目录 directory ({MODEL})"
    )


def pairs(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from xuxie import config
    from xuxie.evaluate.minimal_pairs.command import show

    show(config.load(PARAMS).evaluate, arguments.source, arguments.model, Console())
    return 0
