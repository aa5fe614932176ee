"""Chance in a handful of samples, beside scipy's own test of two means."""

from math import inf

import pytest
from scipy.stats import ttest_ind

from xuxie.retrain.gate.chance import by_chance, error

FEW = [["天" * 3, "天" * 9, "天" * 4, "天" * 8, "天" * 6], ["天" * n for n in (11, 2, 30, 7)]]


def length(texts: list[str]) -> float:
    return sum(map(len, texts)) / len(texts)


def test_a_difference_just_as_large_is_one_of_twenty() -> None:
    before, now = FEW
    lengths = [[float(len(text)) for text in texts] for texts in FEW]
    shift = length(before) - length(now) + by_chance(before, now, length)
    moved = [value + shift for value in lengths[1]]
    found = ttest_ind(moved, lengths[0], equal_var=False, alternative="greater")
    assert found.pvalue == pytest.approx(0.05)


def test_what_never_varies_leaves_nothing_to_chance() -> None:
    assert by_chance(["天天"] * 5, ["天天天"] * 5, length) == 0


def test_a_single_sample_says_nothing() -> None:
    assert by_chance(["天天"], ["天天天"] * 5, length) == inf


def test_the_error_of_a_mean_is_the_usual_one() -> None:
    """Standard deviation over the root of the count: 2, 4, 6 have sqrt(4 / 3)."""
    assert error(["天" * 2, "天" * 4, "天" * 6], length) == pytest.approx((4 / 3) ** 0.5)
