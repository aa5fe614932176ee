"""Differences between models, document by document: intervals and tests by group. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import hypot, sqrt
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

from xuxie.compare.documents import ALL, Common
from xuxie.compare.noise import Noise
from xuxie.evaluate.bootstrap import CELLS, intervals
from xuxie.evaluate.settings import Bootstrap

Array = npt.NDArray[np.float64]
# Draws behind each bound of an interval, however far out in the tail several comparisons put it.
BEYOND = 20
Outcome = Literal["better", "worse", "seed", "none"]


@dataclass(frozen=True)
class Difference:
    """How much more bits per character the second model needs than the first.

    part: `all` or a source.
    groups: among the documents; they are what was resampled.
    low, high: interval of `delta` for other documents of the same kind.
    p: of the randomisation test, corrected for the number of comparisons.
    seed: half-width that seeds add, or None where seed noise is unknown.
    confidence: of all the comparisons together.
    """

    first: int
    second: int
    part: str
    documents: int
    groups: int
    delta: float
    low: float
    high: float
    p: float
    seed: float | None
    confidence: float

    def bounds(self) -> tuple[float, float]:
        """The interval, widened by what seeds add: documents and seeds vary independently."""
        seed = self.seed or 0.0
        return (
            self.delta - hypot(self.delta - self.low, seed),
            self.delta + hypot(self.high - self.delta, seed),
        )

    def margin(self) -> float:
        low, high = self.bounds()
        return (high - low) / 2

    def outcome(self) -> Outcome:
        """Of the second model: better or worse; not beyond the noise of seeds; no difference."""
        if self.low <= 0 <= self.high or self.p > 1 - self.confidence:
            return "none"
        low, high = self.bounds()
        if low <= 0 <= high:
            return "seed"
        return "better" if self.delta < 0 else "worse"


def differences(common: Common, bootstrap: Bootstrap, noise: Noise | None) -> list[Difference]:
    """Of each pair of models, over all documents and over each part of them.

    Several comparisons at once are corrected by Bonferroni: with m of them each interval has the
    confidence 1 - (1 - confidence) / m, and p is multiplied by m. What is said of all documents is
    one family, the pairs; what is said of parts (sources, frozen, fresh) another: pairs x parts.
    """
    pairs = list(combinations(range(len(common.bits)), 2))
    parts = common.slices()
    families = {part: len(pairs) * (1 if part == ALL else len(parts) - 1) for part in parts}
    return [
        difference(common, pair, part, mask, families[part], bootstrap, noise)
        for pair in pairs
        for part, mask in parts.items()
    ]


def difference(
    common: Common,
    pair: tuple[int, int],
    part: str,
    mask: npt.NDArray[np.bool_],
    family: int,
    bootstrap: Bootstrap,
    noise: Noise | None,
) -> Difference:
    first, second = pair
    bits = (common.bits[second] - common.bits[first])[mask]
    characters, groups = common.characters[mask], common.groups[mask]
    confidence = 1 - (1 - bootstrap.confidence) / family
    resamples = max(bootstrap.resamples, round(2 * BEYOND / (1 - confidence)))
    stricter = Bootstrap(resamples=resamples, confidence=confidence, seed=bootstrap.seed)
    low, high = clustered_interval(bits, characters, groups, stricter)
    p = sign_flip_p(bits, groups, flips=resamples, seed=bootstrap.seed)
    return Difference(
        first=first,
        second=second,
        part=part,
        documents=int(mask.sum()),
        groups=len(np.unique(groups)),
        delta=float(bits.sum() / characters.sum()),
        low=low,
        high=high,
        p=min(1.0, p * family),
        seed=noise.margin(part, confidence) if noise else None,
        confidence=bootstrap.confidence,
    )


def clustered_interval(
    bits: Array,
    characters: Array,
    groups: npt.NDArray[np.int64],
    bootstrap: Bootstrap,
) -> tuple[float, float]:
    """Bootstrap interval of sum(bits) / sum(characters), wide enough for few or unequal groups.

    The percentile interval of n equal groups is too narrow by sqrt((n - 1) / n) and as if t were
    normal; n counts a few large groups among many small ones for what they weigh (Kish 1965).
    """
    delta = float(bits.sum() / characters.sum())
    everything = {ALL: np.ones(len(bits), dtype=bool)}
    [(low, high)] = intervals(np.stack([bits, characters]), groups, everything, bootstrap)[ALL]
    weights = sums_by_group(characters, groups)
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    if effective < 2:  # one group tells nothing about others
        return -np.inf, np.inf
    tail = (1 + bootstrap.confidence) / 2
    wider = float(sqrt(effective / (effective - 1)) * stdtrit(effective - 1, tail) / ndtri(tail))
    return delta - wider * (delta - low), delta + wider * (high - delta)


def sign_flip_p(bits: Array, groups: npt.NDArray[np.int64], *, flips: int, seed: int) -> float:
    """Two-sided p of the hypothesis that the models may be exchanged in each group.

    Each group's difference gets a random sign (paired randomisation test, Fisher 1935; for models
    of language, Dror et al. 2018); p counts how often the sum is at least as far from 0.
    """
    sums = sums_by_group(bits, groups)
    observed = abs(sums.sum())
    # A sum in another order may differ in its last digits.
    reached = observed * (1 - 1e-9)
    extreme = sum(int((np.abs(drawn) >= reached).sum()) for drawn in flipped(sums, flips, seed))
    return (1 + extreme) / (1 + flips)


def flipped(sums: Array, flips: int, seed: int) -> Iterator[Array]:
    """Sums under random signs, as many at once as memory allows."""
    random = np.random.default_rng(seed)
    at_once = max(1, CELLS // len(sums))
    for place in range(0, flips, at_once):
        signs = random.integers(0, 2, size=(min(at_once, flips - place), len(sums)), dtype=np.int8)
        yield (sums * (2 * signs - 1)).sum(axis=1)


def sums_by_group(values: Array, groups: npt.NDArray[np.int64]) -> Array:
    _, index = np.unique(groups, return_inverse=True)
    return np.bincount(index, values).astype(np.float64)
