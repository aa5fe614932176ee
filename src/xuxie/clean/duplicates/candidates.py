"""Which documents share a band key: keys lie in scratch files, one a band, so that memory holds one
band at a time however many documents there are."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from xuxie.clean.duplicates.shingles import Numbers

Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class BandFiles:
    """Writes the band keys of documents, a batch at a time, in the order of the documents."""

    def __init__(self, folder: Path, bands: int) -> None:
        self.paths = [folder / f"band-{number:03}.keys" for number in range(bands)]

    def __enter__(self) -> Self:
        self.stack = ExitStack()
        self.files = [self.stack.enter_context(path.open("wb")) for path in self.paths]
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def add(self, keys: Numbers) -> None:
        """Args: keys: an array [documents, bands]."""
        for file, column in zip(self.files, np.ascontiguousarray(keys.T), strict=True):
            file.write(column.tobytes())

    def columns(self) -> Iterator[Numbers]:
        """The keys of all documents, band after band."""
        for path in self.paths:
            yield np.fromfile(path, dtype=np.uint64)


@dataclass(frozen=True)
class Collisions:
    """Documents that share keys: `documents[i]` lies in bucket `buckets[i]`, by document."""

    documents: Places
    buckets: Places

    def members(self) -> Places:
        """Each document that shares a key with another, once, in order."""
        return np.unique(self.documents)

    def by_document(self) -> Iterator[tuple[int, Places]]:
        """Each document in order, and its buckets."""
        members, starts = np.unique(self.documents, return_index=True)
        ends = np.append(starts, len(self.documents))[1:]
        for member, start, end in zip(members.tolist(), starts, ends, strict=True):
            yield member, self.buckets[start:end]


def collisions(columns: Iterator[Numbers], taking_part: Flags) -> Collisions:
    """The buckets with more than one document.

    Args:
        columns: band after band, a key for every document.
        taking_part: which documents count.
    """
    places = np.flatnonzero(taking_part)
    documents: list[Places] = []
    buckets: list[Places] = []
    number = 0
    for column in columns:
        found, owner = shared(column[places])
        documents.append(places[found])
        buckets.append(owner + number)
        number += int(owner[-1]) + 1 if len(owner) else 0
    together = np.concatenate(documents), np.concatenate(buckets)
    order = np.argsort(together[0], kind="stable")
    return Collisions(together[0][order], together[1][order])


def shared(keys: Numbers) -> tuple[Places, Places]:
    """Places whose key occurs more than once, and the number of that key from 0."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    same = np.zeros(len(keys) + 1, dtype=bool)  # as the one before
    same[1:-1] = ordered[1:] == ordered[:-1]
    in_run = same[:-1] | same[1:]
    begins = in_run & ~same[:-1]
    return order[in_run], np.cumsum(begins[in_run]) - 1
