"""The `xuxie` command: verbs for people. What a verb needs is imported when it is used."""

import argparse
import sys

from xuxie.cli import (
    champion,
    compare,
    generate,
    pairs,
    pipeline,
    proof,
    retrain,
    schedule,
    tokenizers,
    tune,
)
from xuxie.cli.verbs import Verbs
from xuxie.entry import exit_codes, set_environment
from xuxie.stopping import listen_for_signals

# In the order in which `xuxie --help` lists their verbs: a model's life.
GROUPS = (
    pipeline,
    generate,
    pairs,
    compare,
    tune,
    tokenizers,
    proof,
    retrain,
    champion,
    schedule,
)


def main() -> None:
    arguments = parser().parse_args()
    set_environment()
    with exit_codes():
        listen_for_signals()
        sys.exit(arguments.verb(arguments))


def parser() -> argparse.ArgumentParser:
    """The verbs, each with its help."""
    top = argparse.ArgumentParser(
        prog="xuxie", description="续写：从团队自己的中文文本到可信的语言模型"
    )
    verbs = Verbs(top.add_subparsers(required=True, metavar="VERB"))
    for group in GROUPS:
        group.add(verbs)
    return top
