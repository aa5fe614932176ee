"""Intervals of ratios, by resampling groups."""

import numpy as np
import numpy.typing as npt
import pytest

from xuxie.evaluate.bootstrap import draws, intervals
from xuxie.evaluate.settings import Bootstrap

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
    bootstrap = Bootstrap(resamples=resamples, confidence=confidence, seed=seed)
    everything = {"all": np.ones(COUNT, dtype=bool)}
    (found,) = intervals(np.stack([bits, CHARACTERS]), groups, everything, bootstrap)["all"]
    return found


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


def test_slices_share_their_resamples() -> None:
    """What two slices have in common moves together: their difference is surer than either."""
    bootstrap = Bootstrap(resamples=500, confidence=0.9, seed=1)
    halves = {"first": OWN < COUNT // 2, "all": OWN >= 0, "again": OWN >= 0}
    found = intervals(np.stack([BITS, CHARACTERS, 3 * CHARACTERS]), OWN, halves, bootstrap)
    assert found["all"] == found["again"]
    for (low, high), (low_third, high_third) in found.values():
        assert (low / 3, high / 3) == pytest.approx((low_third, high_third))
    (one, _), (other, _) = found["first"], found["all"]
    assert one[1] - one[0] == pytest.approx(2**0.5 * (other[1] - other[0]), rel=0.25)


def test_a_draw_without_a_slices_only_group_says_nothing_about_it() -> None:
    bootstrap = Bootstrap(resamples=200, confidence=0.9, seed=1)
    ((low, high),) = intervals(np.stack([BITS, CHARACTERS]), OWN, {"one": OWN == 7}, bootstrap)[
        "one"
    ]
    assert [low, high] == pytest.approx([BITS[7] / CHARACTERS[7]] * 2)


def test_every_resample_draws_as_many_groups_as_there_are() -> None:
    found = np.concatenate(list(draws(50, Bootstrap(resamples=300, confidence=0.9, seed=1))))
    assert found.shape == (300, 50)
    assert (found.sum(axis=1) == 50).all()
    assert found.mean() == 1
