"""Scores of documents -> figures by source, with intervals. Pure."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xuxie.evaluate.bootstrap import interval
from xuxie.evaluate.score import Scores
from xuxie.evaluate.settings import Bootstrap

ALL = "all"
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Texts:
    """A split's documents, in the order of their scores.

    texts, sources: of each document. groups: number of each document's group.
    """

    texts: list[str]
    sources: list[str]
    groups: npt.NDArray[np.int64]

    def slices(self) -> dict[str, Mask]:
        """All documents, then those of each source (one called "all" is "source all")."""
        names = np.array([f"source {ALL}" if name == ALL else name for name in self.sources])
        by_source = {str(source): names == source for source in np.unique(names)}
        return {ALL: np.ones(len(names), dtype=bool)} | by_source

    def of(self, mask: Mask) -> list[str]:
        return [text for text, chosen in zip(self.texts, mask, strict=True) if chosen]

    def characters(self) -> npt.NDArray[np.float64]:
        return np.array([len(text) for text in self.texts], dtype=float)

    def bytes(self) -> npt.NDArray[np.float64]:
        return np.array([len(text.encode()) for text in self.texts], dtype=float)


def figures(scores: Scores, texts: Texts, bootstrap: Bootstrap) -> dict[str, dict[str, Any]]:
    """For all documents and each source: what the model's scores amount to."""
    characters, num_bytes = texts.characters(), texts.bytes()
    bits = scores.nats / math.log(2)
    table = {}
    for name, mask in texts.slices().items():
        low, high = interval(
            bits[mask],
            characters[mask],
            texts.groups[mask],
            resamples=bootstrap.resamples,
            confidence=bootstrap.confidence,
            seed=bootstrap.seed,
        )
        tokens = scores.tokens[mask].sum()
        loss = scores.nats[mask].sum() / tokens
        table[name] = {
            "documents": int(mask.sum()),
            "characters": int(characters[mask].sum()),
            "cross_entropy": float(loss),
            "token_perplexity": float(np.exp(loss)),
            "next_token_accuracy": float(scores.right[mask].sum() / tokens),
            "bits_per_character": float(bits[mask].sum() / characters[mask].sum()),
            "bits_per_character_low": low,
            "bits_per_character_high": high,
            "bits_per_byte": float(bits[mask].sum() / num_bytes[mask].sum()),
        }
    return table


def per_character(bits: npt.NDArray[np.float64], texts: Texts) -> dict[str, float]:
    """Bits per character of all documents and of each source."""
    characters = texts.characters()
    return {
        name: float(bits[mask].sum() / characters[mask].sum())
        for name, mask in texts.slices().items()
    }
