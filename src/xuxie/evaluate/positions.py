"""Bits a token costs by its place in the context window: does what stands before it help? Pure.

The windows lie anywhere in long texts and all of them are full, so that every position sees the
same texts: the curve falls where context helps, is flat where a model ignores it, and rises where
late positions are broken (positions never trained, or numbered wrongly).
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# Of fewer windows the curve would be noise.
FEWEST_WINDOWS = 4


@dataclass(frozen=True)
class Stretch:
    """Positions `first` to `last`, counted from 1: the tokens of context that a token has.

    error: standard error of `bits`, between windows.
    """

    first: int
    last: int
    bits: float
    error: float


def by_position(nats: list[npt.NDArray[np.float64]]) -> list[Stretch]:
    """Mean bits a token, by stretches each twice as long as the one before.

    Args:
        nats: of each window, [context]; none or few give no curve.
    """
    if len(nats) < FEWEST_WINDOWS:
        return []
    bits = np.stack(nats) / math.log(2)
    context = bits.shape[1]
    found = []
    for end in (2**power for power in range((context - 1).bit_length() + 1)):
        first, last = end // 2 + 1, min(end, context)
        means = bits[:, first - 1 : last].mean(axis=1)
        error = means.std(ddof=1) / math.sqrt(len(means))
        found.append(Stretch(first, last, float(means.mean()), float(error)))
    return found


def context_gain(found: list[Stretch]) -> dict[str, float]:
    """Bits a token costs less at the end of the window than at its beginning.

    `late` compares the last two stretches: below zero, far context does harm.
    """
    if len(found) < 3:
        return {}
    first, *_, before, last = found
    return {
        "first_bits_per_token": first.bits,
        "last_bits_per_token": last.bits,
        "context_gain": first.bits - last.bits,
        "late_context_gain": before.bits - last.bits,
    }
