"""The part of every document: placed in order, then swept for pairs that MinHash missed.

Holds no texts: it reads those it compares from the file, and keeps shingles in scratch files.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt

from xuxie.clean.duplicates.candidates import BandFiles, Collisions, Flags, Places, collisions
from xuxie.clean.duplicates.leaders import NONE, first_of_equals
from xuxie.clean.duplicates.sets import ShingleSets
from xuxie.split.assign import Part
from xuxie.split.kept import Facts, texts_of
from xuxie.split.place import SIDES, Placement, Sides, place
from xuxie.split.settings import SplitSettings
from xuxie.split.strata import PARTS
from xuxie.split.sweep import Index, Sweep, sweep

TRAIN, TEST = SIDES.index(Part.TRAIN), SIDES.index(Part.TEST)
FRESH, ASIDE = PARTS.index("fresh"), PARTS.index("aside")
Labels = npt.NDArray[np.int8]


class Reason(StrEnum):
    """Why a document is set aside."""

    CROSSES = "crosses_the_wall"
    SAME = "same_text"


@dataclass(frozen=True)
class Decision:
    """
    labels: the part of every document, a place in PARTS.
    aside: documents set aside -> the reason, and the earlier document across the wall.
    compared: pairs whose shingle sets were compared.
    followed: groups that stand with a near-duplicate of their first document.
    swept: of those set aside, how many the exact sweep found.
    near_frozen: fresh documents that are near-duplicates of one of the frozen test set.
    """

    labels: Labels
    aside: dict[int, tuple[Reason, int]]
    compared: int
    followed: int
    swept: int
    near_frozen: int


def decide(
    path: Path, facts: Facts, bands: BandFiles, scratch: Path, settings: SplitSettings
) -> Decision:
    """Args: path: the documents of `facts`, whose keys lie in `bands`."""
    placement = placed(path, facts, bands, scratch, settings)
    labels = labelled(placement, facts, settings.frozen_arrival)
    found = swept(path, labels, scratch, settings)
    crossing, missed = dict(placement.crossing), 0
    for one, other in sorted(found.pairs, key=lambda pair: (pair[1], pair[0])):
        same_side = placement.sides[one] == placement.sides[other]
        if not same_side and one not in crossing and other not in crossing:
            crossing[other] = one
            missed += 1
    labels[list(crossing)] = ASIDE
    near = {pair[1] for pair in found.pairs if labels[list(pair)].tolist() == [TEST, FRESH]}
    return Decision(
        labels=labels,
        aside=reasons(crossing, facts, labels),
        compared=placement.compared + found.compared,
        followed=placement.followed,
        swept=missed,
        near_frozen=len(near),
    )


def placed(
    path: Path, facts: Facts, bands: BandFiles, scratch: Path, settings: SplitSettings
) -> Placement:
    every = np.ones(len(facts.own), dtype=np.bool_)
    found = collisions(bands.columns(), every)
    sets = shingle_sets(path, flagged(found, len(every)), scratch / "place.sets", settings)
    return place(
        facts.own,
        first_of_equals(facts.groups, every),
        found,
        sets.similarity,
        threshold=settings.leak.jaccard,
        follow=settings.kind == "hash",
    )


def flagged(found: Collisions, total: int) -> Flags:
    flags = np.zeros(total, dtype=np.bool_)
    flags[found.documents] = True
    return flags


def shingle_sets(path: Path, chosen: Flags, file: Path, settings: SplitSettings) -> ShingleSets:
    texts: Iterator[list[str]] = (found for _, found in texts_of(path, chosen))
    return ShingleSets(file, np.flatnonzero(chosen), texts, settings.leak.ngram)


def labelled(placement: Placement, facts: Facts, frozen: int) -> Labels:
    """Sides as parts: later test documents are fresh ones, crossing ones are set aside."""
    labels: Sides = placement.sides.copy()
    labels[(labels == TEST) & (facts.arrivals > frozen)] = FRESH
    labels[list(placement.crossing)] = ASIDE
    return labels


def swept(path: Path, labels: Labels, scratch: Path, settings: SplitSettings) -> Sweep:
    """All near-duplicate pairs of two parts, of which one is held out."""
    held_out = (labels != TRAIN) & (labels != ASIDE)
    if not held_out.any():
        return Sweep(set())
    sets = shingle_sets(path, held_out, scratch / "sweep.sets", settings)
    index = Index(sets, settings.leak.jaccard)
    return sweep(index, texts_of(path, labels != ASIDE), labels, settings.leak.ngram)


def reasons(
    crossing: dict[int, int], facts: Facts, labels: Labels
) -> dict[int, tuple[Reason, int]]:
    """A text that stands word for word across the wall is named before one that resembles it."""
    equals: Places = first_of_equals(facts.texts, np.ones(len(labels), dtype=np.bool_))
    found = {}
    for document, near in crossing.items():
        first = int(equals[document])
        same = facts.texts[near] == facts.texts[document]
        if not same and first != NONE and wall(labels[first]) == wall(labels[near]):
            near, same = first, True
        found[document] = (Reason.SAME if same else Reason.CROSSES, near)
    return found


def wall(label: int) -> int:
    """The side of a part."""
    return TEST if label == FRESH else int(label)
