"""Texts of known likeness, and the default idea of a duplicate."""

import random
from collections.abc import Callable

import pytest

from xuxie.clean.duplicates.settings import DuplicateSettings
from xuxie.config import Config

HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]


@pytest.fixture(scope="session")
def duplicates(settings: Callable[..., Config]) -> DuplicateSettings:
    return settings().clean.duplicates


@pytest.fixture(scope="session")
def prose() -> Callable[..., str]:
    """Random characters: prose(seed, length)."""

    def made(seed: int, length: int = 400) -> str:
        return "".join(random.Random(seed).choices(HAN, k=length))

    return made


@pytest.fixture(scope="session")
def edited() -> Callable[..., str]:
    """A text with `count` of its characters changed."""

    def made(text: str, count: int, seed: int = 0) -> str:
        draw = random.Random(f"{seed} {count}")
        letters = list(text)
        for place in draw.sample(range(len(letters)), count):
            letters[place] = chr(0x6000 + draw.randrange(2000))
        return "".join(letters)

    return made
