"""How a verb is added to the command."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

MODEL = Path("models/gpt")


class Verbs:
    """Called with a verb's name, what carries it out, and its help; returns its parser."""

    def __init__(self, subparsers: "Subparsers") -> None:
        self.subparsers = subparsers

    def __call__(
        self, name: str, function: Callable[[argparse.Namespace], int], about: str
    ) -> argparse.ArgumentParser:
        added = self.subparsers.add_parser(name, help=about, description=about)
        added.set_defaults(verb=function)
        return added
