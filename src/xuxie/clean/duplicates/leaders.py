"""Which of near-equal documents stays: the earliest.

In the order of arrival a document is removed if it is a near-duplicate of an earlier one that
stays. So what is decided about a document never depends on later ones, no two that stay are
near-duplicates, and one that resembles two of them (a bridge) joins neither: it goes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from xuxie.clean.duplicates.candidates import Collisions, Places

NONE = -1
Similarity = Callable[[int, int], float]


@dataclass
class Verdicts:
    """For every document the earlier one whose duplicate it is, or NONE; how alike they are."""

    leaders: Places
    similarity: dict[int, float] = field(default_factory=dict)
    compared: int = 0

    def duplicates(self) -> Places:
        return np.flatnonzero(self.leaders != NONE)


def first_of_equals(hashes: npt.NDArray[np.void], taking_part: npt.NDArray[np.bool_]) -> Places:
    """For each document the earliest with the same hash, or NONE where it is that one itself."""
    leaders = np.full(len(hashes), NONE, dtype=np.int64)
    places = np.flatnonzero(taking_part)
    _, first, inverse = np.unique(hashes[places], return_index=True, return_inverse=True)
    earliest = places[first][inverse]
    later = earliest != places
    leaders[places[later]] = earliest[later]
    return leaders


def near_duplicates(
    found: Collisions, total: int, similarity: Similarity, threshold: float
) -> Verdicts:
    """The verdict on each of `total` documents.

    Args:
        similarity: of two documents, given by their places; called for candidates only.
        threshold: from which on they are near-duplicates.
    """
    verdicts = Verdicts(np.full(total, NONE, dtype=np.int64))
    staying: defaultdict[int, list[int]] = defaultdict(list)
    for document, buckets in found.by_document():
        own = buckets.tolist()
        for candidate in candidates(own, staying):
            verdicts.compared += 1
            alike = similarity(candidate, document)
            if alike >= threshold:
                verdicts.leaders[document] = candidate
                verdicts.similarity[document] = alike
                break
        else:
            for bucket in own:
                staying[bucket].append(document)
    return verdicts


def candidates(buckets: list[int], staying: defaultdict[int, list[int]]) -> Iterator[int]:
    """The documents that stay in these buckets, each once, the earliest first."""
    yield from sorted({document for bucket in buckets for document in staying.get(bucket, ())})


def pairs_across(found: Collisions, sides: npt.NDArray[np.int8]) -> Iterator[tuple[int, int]]:
    """Candidate pairs that stand on two sides, each once, the earlier document first."""
    members: defaultdict[int, list[int]] = defaultdict(list)
    for document, buckets in found.by_document():
        own = buckets.tolist()
        others = {other for bucket in own for other in members[bucket]}
        yield from (
            (other, document) for other in sorted(others) if sides[other] != sides[document]
        )
        for bucket in own:
            members[bucket].append(document)
