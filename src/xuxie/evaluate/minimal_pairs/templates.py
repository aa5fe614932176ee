"""Templates -> pairs. Pure: the same templates give the same pairs in the same order."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import count
from typing import Any, Literal

import yaml

from xuxie.evaluate.minimal_pairs.pairs import Pair
from xuxie.section import Section

SLOT = re.compile(r"<(\w+)>")
CONTRAST = re.compile(r"\{(.+?)\|(.+?)\}")


class Template(Section):
    """
    pattern: a sentence in which {good|bad} is the contrast, and <name> a slot or a word list.
    slots: names of the columns of `rows`, separated by spaces.
    rows: one pair a line, its cells separated by spaces.
    """

    pattern: str
    slots: str
    rows: str


class Phenomenon(Section):
    """
    chinese, english: its name for readers.
    contrast: whether the sentences differ in words or only in the order of their characters.
    """

    chinese: str
    english: str
    contrast: Literal["words", "order"]
    templates: list[Template]


@cache
def phenomena() -> dict[str, Phenomenon]:
    """Every phenomenon under its key, in the order of the files and of their lines."""
    folder = files(__package__).joinpath("templates")
    texts = [
        path.read_text(encoding="utf-8")
        for path in sorted(folder.iterdir(), key=lambda path: path.name)
    ]
    read: dict[str, Any] = {key: found for text in texts for key, found in loaded(text).items()}
    return {key: Phenomenon.model_validate(found) for key, found in read.items()}


@cache
def lexicons() -> dict[str, list[str]]:
    """Lists of words that stand in for each other."""
    text = files(__package__).joinpath("lexicons.yaml").read_text(encoding="utf-8")
    return {name: list(words) for name, words in loaded(text).items()}


def loaded(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def generated() -> list[Pair]:
    """All pairs of all phenomena."""
    return [
        Pair(key, *sides(text))
        for key, phenomenon in phenomena().items()
        for text in filled(phenomenon)
    ]


def filled(phenomenon: Phenomenon) -> Iterator[str]:
    """The phenomenon's sentences with their contrast. Words of a list are used in turn."""
    numbers = count()
    for template in phenomenon.templates:
        names = template.slots.split()
        for row in template.rows.splitlines():
            cells = dict(zip(names, row.split(), strict=True))
            number = next(numbers)
            words = {name: found[number % len(found)] for name, found in lexicons().items()}
            # Cells of a row may name a list themselves.
            yield substituted(substituted(template.pattern, words | cells), words)


def substituted(text: str, words: dict[str, str]) -> str:
    return SLOT.sub(lambda slot: words[slot[1]], text)


def sides(text: str) -> tuple[str, str]:
    """The good and the bad sentence of a text with one contrast."""
    before, good, bad, after = CONTRAST.split(text)
    return before + good + after, before + bad + after
