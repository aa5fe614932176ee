"""How far a figure of two handfuls of samples may differ by chance. Pure."""

from collections.abc import Callable
from math import hypot, inf, sqrt

from scipy.special import stdtrit

CONFIDENCE = 0.95


def by_chance(before: list[str], now: list[str], figure: Callable[[list[str]], float]) -> float:
    """What the figure of `now` exceeds that of `before` by in at most 5 of 100 equal models.

    One-sided, by Welch's t (1947) with the jackknife's standard errors; infinite where one of them
    is a single sample.
    """
    if min(len(before), len(now)) < 2:
        return inf
    one, other = error(before, figure), error(now, figure)
    if not (one or other):
        return 0.0
    freedom = (one**2 + other**2) ** 2 / (one**4 / (len(before) - 1) + other**4 / (len(now) - 1))
    return hypot(one, other) * float(stdtrit(freedom, CONFIDENCE))


def error(texts: list[str], figure: Callable[[list[str]], float]) -> float:
    """Standard error by leaving out one text at a time (Efron and Stein 1981)."""
    count = len(texts)
    left = [figure([*texts[:place], *texts[place + 1 :]]) for place in range(count)]
    mean = sum(left) / count
    return sqrt((count - 1) / count * sum((value - mean) ** 2 for value in left))
