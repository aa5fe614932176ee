"""Intervals of ratios, by resampling groups."""

import numpy as np
import numpy.typing as npt
import pytest

from xuxie.evaluate.bootstrap import interval

COUNT = 400
RANDOM = np.random.default_rng(1)
CHARACTERS = RANDOM.integers(10, 100, COUNT).astype(float)
BITS = CHARACTERS * RANDOM.normal(3.0, 0.5, COUNT)
OWN = np.arange(COUNT)


def made(
    bits: npt.NDArray[np.float64] = BITS,
    groups: npt.NDArray[np.int64] = OWN,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 1,
) -> tuple[float, float]:
    return interval(bits, CHARACTERS, groups, resamples=resamples, confidence=confidence, seed=seed)


def test_it_holds_the_estimate_and_is_as_wide_as_theory_says() -> None:
    low, high = made()
    ratio = BITS.sum() / CHARACTERS.sum()
    deviation = np.sqrt(((BITS - ratio * CHARACTERS) ** 2).sum()) / CHARACTERS.sum()
    assert low < ratio < high
    assert high - low == pytest.approx(2 * 1.96 * deviation, rel=0.1)


def test_it_depends_on_the_seed_alone() -> None:
    assert made() == made()
    assert made() != made(seed=2)


def test_more_confidence_takes_a_wider_interval() -> None:
    (low, high), (wide_low, wide_high) = made(confidence=0.8), made(confidence=0.99)
    assert wide_low < low < high < wide_high


def test_clustered_documents_say_less() -> None:
    clusters = OWN // 20
    bits = CHARACTERS * (3 + 0.5 * np.sin(clusters))
    (low, high), (clustered_low, clustered_high) = made(bits), made(bits, clusters)
    assert clustered_high - clustered_low > 2 * (high - low)


def test_numbers_of_groups_are_mere_names() -> None:
    assert made(groups=OWN * 7 + 1000) == made()


def test_one_group_gives_a_point() -> None:
    low, high = made(groups=np.zeros(COUNT, dtype=np.int64))
    assert low == high == pytest.approx(BITS.sum() / CHARACTERS.sum())
