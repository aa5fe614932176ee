"""Texts as sets of character n-grams, each a 64-bit number; a whole batch at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.uint64]
Offsets = npt.NDArray[np.int64]

# An odd multiplier for the polynomial and the finalizer of MurmurHash3 (public domain, A. Appleby).
FACTOR = np.uint64(0x9E3779B97F4A7C15)
MIX = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))
SHIFT = np.uint64(33)
# Normalised text has no other white space.
BLANKS = tuple(map(ord, " \n\u3000"))


@dataclass(frozen=True)
class Shingles:
    """The shingles of a batch: text i has `numbers[offsets[i] : offsets[i + 1]]`, repeats too."""

    numbers: Numbers
    offsets: Offsets

    def sets(self) -> list[Numbers]:
        """Each text's shingles, sorted, without repeats."""
        return [np.unique(self.numbers[start:end]) for start, end in pairwise(self.offsets)]


def code_points(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint32], Offsets]:
    """The characters of all texts in one array, and where each text begins."""
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    joined = "".join(texts).encode("utf-32-le")
    return np.frombuffer(joined, dtype=np.uint32), offsets_of(lengths)


def offsets_of(lengths: Offsets) -> Offsets:
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])


def shingles(texts: Sequence[str], ngram: int) -> Shingles:
    """The character n-grams of each text, white space left out.

    A text shorter than `ngram` is one shingle, as if blanks followed it: it is like itself and
    nothing else.
    """
    characters, offsets = padded(*visible(*code_points(texts)), ngram)
    counts = np.diff(offsets) - ngram + 1
    rolling = polynomial(characters, ngram)
    return Shingles(mixed(rolling[positions(offsets[:-1], counts)]), offsets_of(counts))


def visible(
    characters: npt.NDArray[np.uint32], offsets: Offsets
) -> tuple[npt.NDArray[np.uint32], Offsets]:
    """Without white space."""
    stays = np.logical_and.reduce([characters != blank for blank in BLANKS])
    before = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(stays)])
    return characters[stays], before[offsets]


def padded(
    characters: npt.NDArray[np.uint32], offsets: Offsets, least: int
) -> tuple[npt.NDArray[np.uint32], Offsets]:
    """Every text at least `least` long, filled up with zeros."""
    lengths = np.diff(offsets)
    if not len(lengths) or lengths.min() >= least:
        return characters, offsets
    longer = offsets_of(np.maximum(lengths, least))
    filled = np.zeros(longer[-1], dtype=np.uint32)
    filled[positions(longer[:-1], lengths)] = characters
    return filled, longer


def positions(starts: Offsets, counts: Offsets) -> Offsets:
    """`counts[i]` consecutive numbers from `starts[i]`, for every i."""
    total = offsets_of(counts)
    return np.arange(total[-1]) - np.repeat(total[:-1] - starts, counts)


def polynomial(characters: npt.NDArray[np.uint32], ngram: int) -> Numbers:
    """The n characters from each place on as one number."""
    size = max(len(characters) - ngram + 1, 0)
    numbers = np.zeros(size, dtype=np.uint64)
    for step in range(ngram):
        numbers *= FACTOR
        numbers += characters[step : step + size]
    return numbers


def mixed(numbers: Numbers) -> Numbers:
    """Every bit of the input moves every bit of the output."""
    for factor in MIX:
        numbers ^= numbers >> SHIFT
        numbers *= factor
    numbers ^= numbers >> SHIFT
    return numbers


def jaccard(one: Numbers, other: Numbers) -> float:
    """Share of two sorted sets that they have in common."""
    both = len(np.intersect1d(one, other, assume_unique=True))
    union = len(one) + len(other) - both
    return both / union if union else 1.0
