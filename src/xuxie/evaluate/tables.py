"""Scores of documents -> figures by slice, with intervals. Pure."""

import math
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from xuxie.evaluate.bootstrap import intervals
from xuxie.evaluate.score import Scores
from xuxie.evaluate.settings import Bootstrap
from xuxie.evaluate.texts import Mask, Texts

Key = TypeVar("Key")
Table = dict[str, dict[str, Any]]
# Every way to divide the documents of a split; the first is that of the headline.
DIVISIONS = ("sources", "domains", "periods")


def figures(scores: Scores, texts: Texts, bootstrap: Bootstrap) -> Table:
    """For all documents and each source: what the model's scores amount to."""
    return tabulated(scores, texts, texts.slices(), bootstrap)


def divisions(scores: Scores, texts: Texts, bootstrap: Bootstrap) -> dict[str, Table]:
    """The same for every way to divide the documents, the resamples drawn once."""
    masks = {
        (division, name): mask
        for division, slices in zip(
            DIVISIONS, (texts.slices(), texts.by_domain(), texts.by_period()), strict=True
        )
        for name, mask in slices.items()
    }
    found: dict[str, Table] = {division: {} for division in DIVISIONS}
    for (division, name), row in tabulated(scores, texts, masks, bootstrap).items():
        found[division][name] = row
    return found


def tabulated(
    scores: Scores, texts: Texts, slices: Mapping[Key, Mask], bootstrap: Bootstrap
) -> dict[Key, dict[str, Any]]:
    """A row of figures for each slice."""
    measures = np.stack([scores.nats / math.log(2), texts.characters(), texts.bytes()])
    found = intervals(measures, texts.groups, slices, bootstrap)
    return {
        name: counted(scores, mask) | ratios(measures[:, mask].sum(axis=1), found[name])
        for name, mask in slices.items()
    }


def counted(scores: Scores, mask: Mask) -> dict[str, Any]:
    tokens, nats = scores.tokens[mask].sum(), scores.nats[mask].sum()
    return {
        "documents": int(mask.sum()),
        "cross_entropy": float(nats / tokens),
        "token_perplexity": float(np.exp(nats / tokens)),
        "next_token_accuracy": float(scores.right[mask].sum() / tokens),
    }


def ratios(
    sums: npt.NDArray[np.float64], found: list[tuple[float, float]]
) -> dict[str, float | int]:
    """Bits per character and per byte, each between the ends of its interval."""
    bits, characters, num_bytes = sums.tolist()
    row: dict[str, float | int] = {"characters": int(characters)}
    for name, size, (low, high) in zip(
        ("bits_per_character", "bits_per_byte"), (characters, num_bytes), found, strict=True
    ):
        row |= {name: bits / size, f"{name}_low": low, f"{name}_high": high}
    return row


def per_character(bits: npt.NDArray[np.float64], texts: Texts) -> dict[str, float]:
    """Bits per character of all documents and of each source."""
    characters = texts.characters()
    return {
        name: float(bits[mask].sum() / characters[mask].sum())
        for name, mask in texts.slices().items()
    }
