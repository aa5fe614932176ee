"""On which side of the wall every document stands: decided in the order of arrival, for ever. Pure.

A group stands where its first document stands; that one stands with the earliest document it is a
near-duplicate of, and with its own hash where there is none. A document that would then stand
across the wall from a near-duplicate (a bridge between two clusters, an article copied from a law
on the other side) is set aside. Nothing here depends on a later document.
"""

import heapq
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from xuxie.clean.duplicates.candidates import Collisions, Places
from xuxie.clean.duplicates.leaders import NONE, Similarity
from xuxie.split.assign import Part

Sides = npt.NDArray[np.int8]
SIDES = tuple(Part)


@dataclass
class Placement:
    """For every document its side (a place in SIDES); those set aside have one all the same.

    crossing: documents set aside -> the earlier near-duplicate across the wall.
    followed: groups that stand with a near-duplicate and not where their name would put them.
    """

    sides: Sides
    crossing: dict[int, int] = field(default_factory=dict)
    compared: int = 0
    followed: int = 0


class Shelves:
    """The documents placed so far, by bucket and side, each list in the order of arrival."""

    def __init__(self) -> None:
        self.lists: defaultdict[tuple[int, int], list[int]] = defaultdict(list)

    def put(self, document: int, side: int, buckets: Iterable[int]) -> None:
        for bucket in buckets:
            self.lists[bucket, side].append(document)

    def candidates(
        self, buckets: list[int], sides: Iterable[int], after: int = NONE
    ) -> Iterator[int]:
        """Those later than `after`, the earliest first, each once; made as they are asked for, as
        a cluster of many has its answer in its first."""
        lists = [self.lists.get((bucket, side), []) for side in sides for bucket in buckets]
        last = after
        for document in heapq.merge(*(some[bisect_right(some, after) :] for some in lists if some)):
            if document != last:
                last = document
                yield document


def place(
    own: Sides,
    firsts: Places,
    found: Collisions,
    similarity: Similarity,
    *,
    threshold: float,
    follow: bool,
) -> Placement:
    """The side of every document.

    Args:
        own: where each document's group would stand by itself.
        firsts: the first document of its group, or NONE where it is that one.
        found: which documents may be near-duplicates.
        follow: whether a new group stands with its first document's near-duplicate. Otherwise
            that document is set aside: with kind=time the date alone decides.
    """
    placement, shelves = Placement(own.copy()), Shelves()
    alike = Alike(similarity, threshold, placement)
    for document, numbers in found.by_document():
        buckets = numbers.tolist()
        first = int(firsts[document])
        side = int(placement.sides[document if first == NONE else first])
        earliest = NONE
        if first == NONE and follow:
            earliest = alike.first(document, shelves.candidates(buckets, range(len(SIDES))))
            if earliest == NONE:
                shelves.put(document, side, buckets)
                continue
            leader = int(placement.sides[earliest])
            placement.followed += side != leader
            side = leader
        others = [other for other in range(len(SIDES)) if other != side]
        across = alike.first(document, shelves.candidates(buckets, others, earliest))
        placement.sides[document] = side
        if across == NONE:
            shelves.put(document, side, buckets)
        else:
            placement.crossing[document] = across
    later = firsts != NONE
    placement.sides[later] = placement.sides[firsts[later]]
    return placement


@dataclass(frozen=True)
class Alike:
    """Finds near-duplicates among candidates and counts the comparisons."""

    similarity: Similarity
    threshold: float
    placement: Placement

    def first(self, document: int, candidates: Iterator[int]) -> int:
        """The first candidate that is a near-duplicate of `document`, or NONE."""
        for candidate in candidates:
            self.placement.compared += 1
            if self.similarity(candidate, document) >= self.threshold:
                return candidate
        return NONE
