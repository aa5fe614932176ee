"""What characters are, counted for a whole batch of texts at once."""

import unicodedata
from enum import IntEnum
from functools import cache

import numpy as np
import numpy.typing as npt

from xuxie.clean.duplicates.shingles import Offsets

Counts = npt.NDArray[np.int64]


class Sort(IntEnum):
    SPACE = 0
    HAN = 1
    KANA = 2
    HANGUL = 3
    LETTER = 4
    DIGIT = 5
    MARK = 6
    SYMBOL = 7


# First and last code point; blocks of the Unicode Standard 16.
HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))
KANA = ((0x3041, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F))
HANGUL = ((0x1100, 0x11FF), (0x3131, 0x318E), (0xAC00, 0xD7A3))
ITERATION = (0x3005, 0x3007)  # 々 and 〇 count as Han
# Combining marks and format characters belong to the letter before them.
SORTS = {"Z": Sort.SPACE, "C": Sort.SPACE, "L": Sort.LETTER, "M": Sort.LETTER, "N": Sort.DIGIT}
SORTS |= {"P": Sort.MARK, "S": Sort.SYMBOL}
# Unicode has them as mathematical signs; Chinese writes them as marks: 好吃～ and 三～五天.
TONE = "~～〜"
PLANE = 0x10000


@cache
def sorts() -> npt.NDArray[np.uint8]:
    """The sort of every code point: the first plane from Unicode's categories, then blocks."""
    table = np.full(0x110000, Sort.SYMBOL, dtype=np.uint8)
    table[:PLANE] = [SORTS[unicodedata.category(chr(code))[0]] for code in range(PLANE)]
    for sort, blocks in ((Sort.HAN, HAN), (Sort.KANA, KANA), (Sort.HANGUL, HANGUL)):
        for first, last in blocks:
            table[first : last + 1] = sort
    table[list(ITERATION)] = Sort.HAN
    table[[ord("・"), *map(ord, TONE)]] = Sort.MARK
    return table


def counted(characters: npt.NDArray[np.uint32], offsets: Offsets) -> Counts:
    """How many characters of each sort each text has: an array [texts, sorts]."""
    texts = len(offsets) - 1
    cells = np.repeat(np.arange(texts) * len(Sort), np.diff(offsets)) + sorts()[characters]
    counts = np.bincount(cells, minlength=texts * len(Sort))
    return counts.reshape(texts, len(Sort))
