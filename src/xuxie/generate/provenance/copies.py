"""Places where asked texts and training text are the same, found by an index of the asked texts.

Every `length` characters of the asked texts are kept as a sorted 64-bit hash with their place;
training text streams past it, so that memory grows with the asked texts and with one block of
training text, never with the corpus. A hash only proposes: what counts is that the characters are
the same, one by one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from xuxie.clean.duplicates.shingles import Offsets, code_points, offsets_of, positions
from xuxie.split.verbatim import BitTable, Characters, rolling

# No characters, and not the same: so no stretch reaches over the end of a text.
ASKED_ENDS, TRAIN_ENDS = 0x110000, 0x110001
# Pairs of places looked at together, 40 bytes each. Only texts that repeat one character over and
# over have more in a block.
PAIRS = 1 << 20


@dataclass(frozen=True)
class Copies:
    """Stretches that cannot grow on either side: [start, end) in the asked texts, and where each
    begins in the block of training text. Three arrays of one length."""

    starts: Offsets
    ends: Offsets
    places: Offsets


def separated(texts: Sequence[str], mark: int) -> tuple[Characters, Offsets]:
    """All characters with `mark` before, between and behind the texts; where each text begins."""
    characters, offsets = code_points(["\0", *(text + "\0" for text in texts)])
    characters = characters.copy()
    characters[offsets[1:] - 1] = mark
    return characters, offsets[1:-1]


class Asked:
    """The texts that are asked about, and the index of their stretches of `length` characters."""

    def __init__(self, texts: Sequence[str], length: int) -> None:
        self.length = length
        self.characters, self.begins = separated(texts, ASKED_ENDS)
        hashes = rolling(self.characters, length)
        self.places = np.argsort(hashes, kind="stable")
        self.hashes = hashes[self.places]
        self.table = BitTable(self.hashes)

    def copies(self, train: Characters) -> Iterator[Copies]:
        """The copies in a block of training text that `separated` made, some at a time."""
        for starts, places in self.beginnings(train):
            lengths = common(self.characters, starts, train, places)
            long = lengths >= self.length
            yield Copies(starts[long], (starts + lengths)[long], places[long])

    def beginnings(self, train: Characters) -> Iterator[tuple[Offsets, Offsets]]:
        """Places here and there whose stretches may be the same, and not those before them."""
        numbers = rolling(train, self.length)
        hits = np.flatnonzero(self.table.may_hold(numbers))
        first = np.searchsorted(self.hashes, numbers[hits], side="left")
        counts = np.searchsorted(self.hashes, numbers[hits], side="right") - first
        for part in parts(counts):
            starts = self.places[positions(first[part], counts[part])]
            places = np.repeat(hits[part], counts[part])
            fresh = self.characters[starts - 1] != train[places - 1]
            yield starts[fresh], places[fresh]


def parts(counts: Offsets) -> Iterator[slice]:
    """Neighbours with about PAIRS counts in all."""
    numbers = offsets_of(counts)[:-1] // PAIRS
    begins = np.flatnonzero(np.diff(numbers, prepend=-1)).tolist()
    for begin, end in pairwise([*begins, len(counts)]):
        yield slice(begin, end)


def common(
    here: Characters, starts: Offsets, there: Characters, places: Offsets
) -> npt.NDArray[np.int64]:
    """How many characters are the same from each pair of places on."""
    lengths = np.zeros(len(starts), dtype=np.int64)
    growing, length = np.arange(len(starts)), 0
    while len(growing):
        same = here[starts[growing] + length] == there[places[growing] + length]
        growing, length = growing[same], length + 1
        lengths[growing] = length
    return lengths
