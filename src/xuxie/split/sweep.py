"""Every near-duplicate pair across the wall, without exception. Pure but for scratch files.

MinHash finds nearly all pairs; this finds the rest. Two sets that are alike to t share a member
among the rarest |x| - ceil(t |x|) + 1 of each, whatever the order of rarity, as long as both use
the same one (prefix filter; Bayardo, Ma, Srikant 2007, "Scaling up all pairs similarity search").
Only val and test are indexed: memory grows with them, train streams past.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from xuxie.clean.duplicates.candidates import Places
from xuxie.clean.duplicates.sets import ShingleSets
from xuxie.clean.duplicates.shingles import Numbers, Shingles, jaccard, shingles

Labels = npt.NDArray[np.int8]
# Counts stop here; that an order of rarity is rough costs time, not pairs.
MOST = np.uint16(65_535)


class Rarity:
    """How many indexed documents have a shingle, at least; 0 means none. A table by hash."""

    def __init__(self, shingles: int) -> None:
        self.bits = max(10, (4 * shingles).bit_length())
        self.table = np.zeros(1 << self.bits, dtype=np.uint16)

    def slots(self, numbers: Numbers) -> Numbers:
        return numbers >> np.uint64(64 - self.bits)

    def add(self, numbers: Numbers) -> None:
        slots = self.slots(numbers)
        seen = self.table[slots]
        self.table[slots] = seen + (seen < MOST)

    def of(self, numbers: Numbers) -> npt.NDArray[np.uint16]:
        return self.table[self.slots(numbers)]


class Index:
    """The shingle sets of val and test, found by their rarest members."""

    def __init__(self, sets: ShingleSets, threshold: float) -> None:
        self.sets, self.threshold = sets, threshold
        self.rarity = Rarity(len(sets.numbers))
        for document in sets.documents:
            self.rarity.add(sets.of(document))
        prefixes = [self.prefix(sets.of(document)) for document in sets.documents]
        self.keys: Numbers = np.concatenate([np.zeros(0, dtype=np.uint64), *prefixes])
        self.owners: Places = np.repeat(sets.documents, [len(prefix) for prefix in prefixes])
        order = np.argsort(self.keys, kind="stable")
        self.keys, self.owners = self.keys[order], self.owners[order]

    def length(self, size: int) -> int:
        """Of the prefix of a set."""
        return size - math.ceil(self.threshold * size - 1e-9) + 1

    def prefix(self, numbers: Numbers) -> Numbers:
        order = np.lexsort((numbers, self.rarity.of(numbers)))
        return numbers[order[: self.length(len(numbers))]]

    def may_match(self, sets: Shingles) -> list[int]:
        """Those of `sets` that have enough members which any indexed one has."""
        absent = np.concatenate([[0], np.cumsum(self.rarity.of(sets.numbers) == 0)])
        counts, sizes = np.diff(absent[sets.offsets]), np.diff(sets.offsets)
        return [i for i, size in enumerate(sizes.tolist()) if counts[i] < self.length(size)]

    def candidates(self, numbers: Numbers) -> Places:
        prefix = self.prefix(numbers)
        begins = np.searchsorted(self.keys, prefix, side="left")
        ends = np.searchsorted(self.keys, prefix, side="right")
        found = [self.owners[begin:end] for begin, end in zip(begins, ends, strict=True)]
        return np.unique(np.concatenate(found))


@dataclass
class Sweep:
    """Near-duplicates with different labels; `pairs` as (earlier, later) documents."""

    pairs: set[tuple[int, int]]
    compared: int = 0


def sweep(
    index: Index,
    batches: Iterator[tuple[Places, Sequence[str]]],
    labels: Labels,
    ngram: int,
) -> Sweep:
    """All pairs of an indexed document and one of `batches` whose labels differ.

    Args:
        batches: documents by their places, and their texts.
        labels: of every document.
    """
    found = Sweep(set())
    for documents, texts in batches:
        sets = distinct(shingles(texts, ngram))
        for i in index.may_match(sets):
            numbers = sets.numbers[sets.offsets[i] : sets.offsets[i + 1]]
            match(index, int(documents[i]), numbers, labels, found)
    return found


def distinct(found: Shingles) -> Shingles:
    """Each text's shingles sorted, without repeats: as `found.sets()`, a batch at a time."""
    numbers = found.numbers.copy()
    for begin, end in pairwise(found.offsets.tolist()):
        numbers[begin:end].sort()
    stays = np.ones(len(numbers), dtype=np.bool_)
    stays[1:] = numbers[1:] != numbers[:-1]
    stays[found.offsets[:-1]] = True  # Every text has a shingle, whatever the one before ends on.
    return Shingles(numbers[stays], np.concatenate([[0], np.cumsum(stays)])[found.offsets])


def match(index: Index, document: int, numbers: Numbers, labels: Labels, found: Sweep) -> None:
    candidates = index.candidates(numbers)
    for candidate in candidates[labels[candidates] != labels[document]].tolist():
        other = index.sets.of(candidate)
        sizes = len(numbers), len(other)
        if min(sizes) < index.threshold * max(sizes):
            continue
        found.compared += 1
        if jaccard(numbers, other) >= index.threshold:
            found.pairs.add((min(candidate, document), max(candidate, document)))
