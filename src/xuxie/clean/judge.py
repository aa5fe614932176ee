"""Whether a document stays: keep, or a reason that can be counted. Pure."""

import re
from enum import StrEnum

from xuxie.clean.settings import CleanSettings

HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af〇々]")
VISIBLE = re.compile(r"\S")
NGRAM = 5


class Reason(StrEnum):
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    LOW_HAN_SHARE = "low_han_share"
    REPETITIVE = "repetitive"
    DUPLICATE = "duplicate"


def judge(text: str, settings: CleanSettings) -> Reason | None:
    """The first rule that normalised `text` breaks; None if it may stay."""
    if len(text) < settings.min_characters:
        return Reason.TOO_SHORT
    if len(text) > settings.max_characters:
        return Reason.TOO_LONG
    if han_share(text) < settings.min_han_share:
        return Reason.LOW_HAN_SHARE
    if repetition(text) > settings.max_repetition:
        return Reason.REPETITIVE
    return None


def han_share(text: str) -> float:
    """Han characters among those that are not white space; 0 for blank text."""
    visible = len(VISIBLE.findall(text))
    return len(HAN.findall(text)) / visible if visible else 0.0


def repetition(text: str) -> float:
    """Share of the character 5-grams that occurred before in `text`.

    Characters, not words: counted with `\\w+`, 你好你好你好 is one word and never repeats.
    """
    count = len(text) - NGRAM + 1
    if count < 1:
        return 0.0
    return 1 - len({text[i : i + NGRAM] for i in range(count)}) / count
