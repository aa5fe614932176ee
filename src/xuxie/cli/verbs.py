"""How a verb is added to the command."""

import argparse
from collections.abc import Callable
from pathlib import Path

MODEL = Path("models/gpt")


class Verbs:
    """Called with a verb's name, what carries it out, and its help; returns its parser."""

    def __init__(self, subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
        self.subparsers = subparsers

    def __call__(
        self, name: str, function: Callable[[argparse.Namespace], int], about: str
    ) -> argparse.ArgumentParser:
        added = self.subparsers.add_parser(name, help=about, description=about)
        added.set_defaults(verb=function)
        return added
