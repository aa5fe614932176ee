"""The figures of clean: what came in, what stayed, what went and why. In = kept + removed."""

from bisect import bisect_left
from typing import Any

import numpy as np

from xuxie.clean.duplicates.leaders import NONE
from xuxie.clean.examine import Examined
from xuxie.clean.identifiers import Kind, Policy
from xuxie.clean.regular import Regular
from xuxie.clean.repeated_lines import Flags

# Upper ends of the classes in the picture of document lengths, in characters.
LENGTHS = (25, 50, 100, 200, 400, 800, 1600, 3200)


def summary(regular: Regular, examined: Examined, policies: dict[Kind, Policy]) -> dict[str, Any]:
    """For metrics/clean.json, the report and MLflow."""
    everything = np.ones(len(examined.reasons), dtype=bool)
    whole = counted(regular, examined, everything)
    sources = {
        name: counted(regular, examined, regular.sources == number)
        for number, name in enumerate(regular.source_names)
    }
    return {
        "documents": {
            "in": whole["in"],
            "kept": whole["kept"],
            "removed": sum(whole["removed"].values()),
        },
        "characters": {"in": whole["characters_in"], "kept": whole["characters_kept"]},
        "removed": whole["removed"],
        "sources": sources,
        "rules": {name: len(documents) for name, documents in regular.rules.items()},
        "repeated_lines": {
            "lines": regular.cut.lines,
            "documents": regular.cut.documents,
            "characters": regular.cut.characters,
        },
        "near_duplicates": clusters(examined),
        "identifiers": identifiers(examined, policies),
        "languages": named(examined.languages, examined.language_names),
        "lengths": lengths(examined),
    }


def counted(regular: Regular, examined: Examined, chosen: Flags) -> dict[str, Any]:
    stays = chosen & (examined.reasons == 0)
    removed = named(examined.reasons[chosen], examined.reason_names)
    kept = removed.pop("", 0)
    return {
        "in": int(chosen.sum()),
        "kept": kept,
        "removed": removed,
        "characters_in": int(regular.characters[chosen].sum()),
        "characters_kept": int(examined.characters[stays].sum()),
    }


def named(numbers: np.typing.NDArray[np.int32], names: list[str]) -> dict[str, int]:
    """How often each name occurs, those that do."""
    counts = np.bincount(numbers, minlength=len(names)).tolist()
    return {name: count for name, count in zip(names, counts, strict=True) if count}


def clusters(examined: Examined) -> dict[str, int]:
    """Documents that stayed for near-duplicates, the largest such cluster, comparisons made."""
    near = examined.near.leaders
    _, sizes = np.unique(near[near != NONE], return_counts=True)
    return {
        "clusters": len(sizes),
        "largest": int(sizes.max(initial=0)) + bool(len(sizes)),
        "compared": examined.near.compared,
    }


def identifiers(examined: Examined, policies: dict[Kind, Policy]) -> dict[str, dict[str, int]]:
    return {
        kind: {
            "found": many,
            "masked": many if policies[Kind(kind)] is Policy.MASK else 0,
            "kept": many if policies[Kind(kind)] is Policy.KEEP else 0,
            "documents": documents,
        }
        for kind, (many, documents) in sorted(examined.identifiers.items())
    }


def lengths(examined: Examined) -> list[list[Any]]:
    """Kept documents by length in characters."""
    kept = examined.characters[examined.reasons == 0].tolist()
    counts = [0] * (len(LENGTHS) + 1)
    for length in kept:
        counts[bisect_left(LENGTHS, length)] += 1
    # Padded, so that the picture, which sorts them as text, has them in order.
    names = [*(f"<= {end:4}" for end in LENGTHS), f"> {LENGTHS[-1]}"]
    return [[name, count] for name, count in zip(names, counts, strict=True)]


def reason_rows(figures: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Source, reason and documents, for `dvc plots`."""
    return sorted(
        (source, reason, number)
        for source, row in figures["sources"].items()
        for reason, number in row["removed"].items()
    )
