"""Shingle sets of chosen documents in one scratch file: what candidates are compared by."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from xuxie.clean.duplicates.candidates import Places
from xuxie.clean.duplicates.shingles import Numbers, jaccard, offsets_of, shingles


class ShingleSets:
    """Sorted shingle sets by document; the file is mapped, so that the kernel decides what stays
    in memory."""

    def __init__(self, path: Path, documents: Places, batches: Iterator[Sequence[str]], ngram: int):
        """
        Args:
            documents: their places, in order.
            batches: their texts, in the same order.
        """
        lengths: list[int] = []
        with path.open("wb") as file:
            for texts in batches:
                for numbers in shingles(texts, ngram).sets():
                    file.write(numbers.tobytes())
                    lengths.append(len(numbers))
        self.documents = documents
        self.offsets = offsets_of(np.array(lengths, dtype=np.int64))
        empty = np.zeros(0, dtype=np.uint64)
        self.numbers: Numbers = np.memmap(path, np.uint64, "r") if self.offsets[-1] else empty

    def of(self, document: int) -> Numbers:
        place = int(np.searchsorted(self.documents, document))
        return self.numbers[self.offsets[place] : self.offsets[place + 1]]

    def similarity(self, one: int, other: int) -> float:
        """Jaccard similarity; 0 at once where the sizes alone rule out one half."""
        first, second = self.of(one), self.of(other)
        if 2 * min(len(first), len(second)) < max(len(first), len(second)):
            return 0.0
        return jaccard(first, second)
