"""Sampled tokens as text that a person may read: whole characters, no spaces between hanzi."""

import re

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3001-\u303f\uff00-\uffef\U00020000-\U000323af"
BETWEEN_HAN = re.compile(f"(?<=[{HAN}])[ \u3000\u00a0]+(?=[{HAN}])")
UNFINISHED = "\ufffd"


def readable(text: str) -> str:
    """`text` without an unfinished character at its end and without spaces between hanzi."""
    return BETWEEN_HAN.sub("", text.rstrip(UNFINISHED))


def settled(text: str) -> str:
    """The beginning of a growing text that what comes next can no longer change.

    An unfinished character may become any other; a space may turn out to stand between hanzi.
    """
    return text.rstrip(UNFINISHED).rstrip(" \u3000\u00a0")


def before_stop(text: str, stop: list[str]) -> str:
    """`text` up to the place where the first of the stop sequences begins."""
    places = [place for place in map(text.find, stop) if place >= 0]
    return text[: min(places)] if places else text


def begun_stop(text: str, stop: list[str]) -> int:
    """How many characters at the end of `text` may be the beginning of a stop sequence."""
    lengths = [n for sign in stop for n in range(1, len(sign)) if text.endswith(sign[:n])]
    return max(lengths, default=0)
