"""Whether chances can be believed: tokens foreseen at 70 % should come seven times in ten. Pure.

Guo et al. 2017, "On Calibration of Modern Neural Networks" (arXiv 1706.04599), with bins of equal
mass: of equal width, the bins of a language model's small chances would hold nearly everything.
"""

from dataclasses import dataclass

import numpy as np

from xuxie.evaluate.score import Guesses


@dataclass(frozen=True)
class Bin:
    """Tokens foreseen with about the same chance: how many, their mean chance, the share right."""

    tokens: int
    chance: float
    right: float


def reliability(guesses: Guesses, bins: int) -> list[Bin]:
    """The tokens by the chance of the likeliest, in groups as large as each other."""
    chance = np.concatenate(guesses.chance).astype(np.float64)
    right = np.concatenate(guesses.right).astype(np.float64)
    parts = np.array_split(np.argsort(chance, kind="stable"), bins)
    return [
        Bin(len(part), float(chance[part].mean()), float(right[part].mean()))
        for part in parts
        if len(part)
    ]


def calibration(found: list[Bin]) -> dict[str, float]:
    """The expected calibration error, and what it comes from: belief and truth on the whole."""
    weight = np.array([row.tokens for row in found], dtype=float)
    chance, right = (np.array([getattr(r, name) for r in found]) for name in ("chance", "right"))
    weight /= weight.sum()
    return {
        "expected_calibration_error": float((weight * abs(chance - right)).sum()),
        "mean_chance": float((weight * chance).sum()),
        "accuracy": float((weight * right).sum()),
    }
