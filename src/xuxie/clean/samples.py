"""What the report shows of the texts: before and after each rule, removed ones, clusters.

Excerpts only, and every identifier in them masked, whatever the policies say.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from xuxie.clean.duplicates.leaders import NONE
from xuxie.clean.examine import Examined, texts_at
from xuxie.clean.identifiers import Kind, Policy, masked
from xuxie.clean.regular import Regular

SHOWN = 3
CLUSTERS = 5
MEMBERS = 4
WIDTH = 120
BEFORE = 30
EVERYTHING = dict.fromkeys(Kind, Policy.MASK)


def samples(documents: Path, regular: Regular, examined: Examined) -> dict[str, Any]:
    """See `report.page`."""
    return {
        "rules": changes(documents, regular),
        "reasons": removals(examined),
        "clusters": clusters(examined),
        "repeated_lines": [
            {"line": excerpt(line), "documents": count} for line, count in regular.cut.commonest
        ],
    }


class Texts:
    """Texts and origins of a few documents of a file."""

    def __init__(self, path: Path, places: Iterable[int]) -> None:
        chosen = np.array(sorted(set(places)), dtype=np.int64)
        self.texts = dict(pairs(path, chosen, "text"))
        self.origins = dict(pairs(path, chosen, "origin"))

    def shown(self, place: int, leader: int = NONE) -> dict[str, str]:
        """An excerpt; `leader` is the document that stayed in its place."""
        return {
            "text": excerpt(self.texts[place]),
            "origin": self.origins[place],
            "detail": self.origins.get(leader, ""),
        }


def pairs(
    path: Path, places: np.typing.NDArray[np.int64], column: str
) -> Iterable[tuple[int, str]]:
    for found, values in texts_at(path, places, column):
        yield from zip(found.tolist(), values, strict=True)


def excerpt(text: str, start: int = 0) -> str:
    """A stretch of the text around `start`, identifiers masked."""
    start = max(0, start - BEFORE)
    stretch = masked(text[start : start + 4 * WIDTH], EVERYTHING, ()).text[:WIDTH]
    return f"{'…' if start else ''}{stretch}{'…' if start + WIDTH < len(text) else ''}"


def changes(documents: Path, regular: Regular) -> dict[str, list[dict[str, str]]]:
    chosen = {name: places[:SHOWN].tolist() for name, places in regular.rules.items()}
    places = [place for found in chosen.values() for place in found]
    before, after = Texts(documents, places), Texts(regular.path, places)
    return {
        name: [change(place, before, after) for place in found] for name, found in chosen.items()
    }


def change(place: int, before: Texts, after: Texts) -> dict[str, str]:
    """The texts where they first differ."""
    one, other = before.texts[place], after.texts[place]
    start = differ(one, other)
    return {
        "before": excerpt(one, start),
        "after": excerpt(other, start),
        "origin": before.origins[place],
    }


def differ(one: str, other: str) -> int:
    """The first place where two texts differ."""
    together = zip(one, other, strict=False)
    return next(
        (place for place, (a, b) in enumerate(together) if a != b), min(len(one), len(other))
    )


def removals(examined: Examined) -> dict[str, list[dict[str, str]]]:
    chosen = {
        name: np.flatnonzero(examined.reasons == number)[:SHOWN].tolist()
        for number, name in enumerate(examined.reason_names)
        if name
    }
    leaders = {place: int(examined.leaders[place]) for found in chosen.values() for place in found}
    texts = Texts(examined.path, {*leaders, *leaders.values()} - {NONE})
    return {
        name: [texts.shown(place, leaders[place]) for place in found]
        for name, found in chosen.items()
        if found
    }


def clusters(examined: Examined) -> list[dict[str, Any]]:
    """The largest clusters: the document that stayed, and some of those that went for it."""
    near = examined.near.leaders
    leaders, sizes = np.unique(near[near != NONE], return_counts=True)
    largest = np.argsort(-sizes, kind="stable")[:CLUSTERS]
    members = {
        int(leaders[place]): np.flatnonzero(near == leaders[place])[:MEMBERS].tolist()
        for place in largest
    }
    texts = Texts(
        examined.path, [*members, *(place for found in members.values() for place in found)]
    )
    return [
        {
            "size": int(sizes[place]) + 1,
            "leader": texts.shown(int(leaders[place])),
            "members": [
                texts.shown(member) | {"jaccard": round(examined.near.similarity[member], 3)}
                for member in members[int(leaders[place])]
            ],
        }
        for place in largest
    ]
