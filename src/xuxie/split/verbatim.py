"""How much of val and test stands verbatim in train: characters inside copied stretches. Pure.

A stretch is `length` characters. Those of val and test are kept as sorted 64-bit hashes; train
streams past a bit table, then the hashes, then a comparison of the characters themselves, so that
no collision counts as a copy. Memory grows with val and test only.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from xuxie.clean.duplicates.candidates import Flags
from xuxie.clean.duplicates.shingles import (
    FACTOR,
    Numbers,
    Offsets,
    code_points,
    mixed,
    positions,
)

Characters = npt.NDArray[np.uint32]
# FACTOR's inverse modulo 2**64.
INVERSE = np.uint64(pow(int(FACTOR), -1, 2**64))
# Comparisons of one chunk: 50 characters each are 13 MB.
CHUNK = 65_536


def rolling(characters: Characters, length: int) -> Numbers:
    """A hash of the `length` characters from each place on, at the cost of a few operations.

    The differences of a running sum of c[k] * F**k, divided by F**i: all modulo 2**64.
    """
    size = max(len(characters) - length + 1, 0)
    if not size:
        return np.zeros(0, dtype=np.uint64)
    terms = powers(FACTOR, len(characters)) * characters
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(terms, dtype=np.uint64)])
    return mixed((sums[length:] - sums[:size]) * powers(INVERSE, size))


def powers(factor: np.uint64, count: int) -> Numbers:
    """factor**0, factor**1, ... modulo 2**64."""
    factors = np.full(count, factor, dtype=np.uint64)
    factors[:1] = 1
    return np.multiply.accumulate(factors)


def starts(offsets: Offsets, length: int) -> Offsets:
    """The places from which a whole stretch lies inside one text."""
    return positions(offsets[:-1], np.maximum(np.diff(offsets) - length + 1, 0))


class BitTable:
    """Says of a number that it is none of the known ones, or may be one: 8 to 16 bits a number."""

    def __init__(self, numbers: Numbers) -> None:
        """Args: numbers: sorted."""
        self.bits = max(10, (8 * len(numbers)).bit_length())
        self.table = np.zeros(1 << (self.bits - 3), dtype=np.uint8)
        places, bits = self.slots(numbers)
        begins = np.flatnonzero(np.diff(places, prepend=-1))
        if len(begins):
            self.table[places[begins]] = np.bitwise_or.reduceat(bits, begins)

    def slots(self, numbers: Numbers) -> tuple[Offsets, npt.NDArray[np.uint8]]:
        """The byte of each number and the bit in it."""
        slots = (numbers >> np.uint64(64 - self.bits)).astype(np.int64)
        return slots >> 3, np.left_shift(np.uint8(1), (slots & 7).astype(np.uint8))

    def may_hold(self, numbers: Numbers) -> Flags:
        places, bits = self.slots(numbers)
        flags: Flags = (self.table[places] & bits) != 0
        return flags


class Stretches:
    """The stretches of held-out texts, and which of them were seen in train."""

    def __init__(self, texts: Sequence[str], length: int) -> None:
        self.length = length
        self.characters, self.offsets = code_points(texts)
        self.places = starts(self.offsets, length)
        every = rolling(self.characters, length)[self.places]
        self.hashes, first = np.unique(every, return_index=True)
        self.examples = self.places[first]
        self.seen = np.zeros(len(self.hashes), dtype=np.bool_)
        self.table = BitTable(self.hashes)

    def see(self, texts: Sequence[str]) -> None:
        """Note what stands in these texts of train."""
        characters, offsets = code_points(texts)
        places = starts(offsets, self.length)
        numbers = rolling(characters, self.length)[places]
        may = self.table.may_hold(numbers)
        numbers, places = numbers[may], places[may]
        at = np.searchsorted(self.hashes, numbers)
        hits = at < len(self.hashes)
        hits[hits] = self.hashes[at[hits]] == numbers[hits]
        known, first = np.unique(at[hits], return_index=True)
        new = ~self.seen[known]
        self.confirm(characters, places[hits][first[new]], known[new])

    def confirm(self, characters: Characters, places: Offsets, known: Offsets) -> None:
        """Note those whose characters are the same, one by one."""
        within = np.arange(self.length)
        for begin in range(0, len(places), CHUNK):
            chunk = slice(begin, begin + CHUNK)
            here = characters[places[chunk, None] + within]
            there = self.characters[self.examples[known[chunk], None] + within]
            self.seen[known[chunk]] = (here == there).all(axis=1)

    def covered(self) -> Offsets:
        """For each held-out text its characters inside a stretch that stands in train."""
        marks = np.zeros(len(self.characters) + 1, dtype=np.int64)
        hashes = rolling(self.characters, self.length)[self.places]
        copied = self.places[self.seen[np.searchsorted(self.hashes, hashes)]]
        marks[copied] += 1
        marks[copied + self.length] -= 1
        inside = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(np.cumsum(marks) > 0)])
        counts: Offsets = np.diff(inside[self.offsets])
        return counts
