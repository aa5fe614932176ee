"""How Chinese a text looks: the share of frequent characters, and of letters out of place."""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

OTHER, HAN, FREQUENT, ODD = range(4)
# Level 1 of GB/T 2312-1980 is rows 16 to 55, 3755 characters; that of Big5 (1984) A440 to C67E,
# 5401: both standards chose them by their frequency in ordinary text.
LEVEL_1 = {
    "gb18030": ("gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF)),
    "big5": ("cp950", range(0xA4, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)]),
}
# C1 controls; Latin to Arabic letters, which mojibake brings into Chinese; box drawing; Hangul;
# private use; half-width kana.
FOREIGN = [(0x80, 0xA0), (0xC0, 0x700), (0x2500, 0x25A0), (0xAC00, 0xD7B0), (0xE000, 0xF900)]
FOREIGN += [(0xFF61, 0xFFA0), (0xF0000, 0x110000)]
CHINESE = [(0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x33480)]


class Score(NamedTuple):
    """han: Chinese characters. frequent: share of them at level 1. odd: share of foreign letters
    among all signs beyond ASCII."""

    han: int
    frequent: float
    odd: float


def score(texts: Iterable[str], encoding: str) -> Score:
    """
    Args:
        encoding: whose standard says which characters are frequent.
    """
    table = classes(encoding)
    counts = np.zeros(4, dtype=np.int64)
    beyond = 0
    for text in texts:
        points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
        counts += np.bincount(table[points], minlength=4)
        beyond += int((points >= 0x80).sum())
    han = int(counts[HAN] + counts[FREQUENT])
    return Score(han, int(counts[FREQUENT]) / max(han, 1), int(counts[ODD]) / max(beyond, 1))


@cache
def classes(encoding: str) -> NDArray[np.uint8]:
    """The class of every code point."""
    table = np.full(0x110000, OTHER, dtype=np.uint8)
    for kind, ranges in ((ODD, FOREIGN), (HAN, CHINESE)):
        for start, end in ranges:
            table[start:end] = kind
    codec, leads, trails = LEVEL_1[encoding]
    for lead in leads:
        for trail in trails:
            sign = bytes([lead, trail]).decode(codec, "ignore")
            if len(sign) == 1 and table[ord(sign)] == HAN:
                table[ord(sign)] = FREQUENT
    return table
