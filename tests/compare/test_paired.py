"""Intervals and tests on models whose difference is known."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pyarrow as pa
import pytest

from planted_scores import scores
from xuxie.compare.documents import in_common
from xuxie.compare.noise import Noise
from xuxie.compare.paired import Difference, clustered_interval, differences, sign_flip_p
from xuxie.evaluate.bootstrap import intervals
from xuxie.evaluate.settings import Bootstrap

Compare = Callable[..., list[Difference]]


@pytest.fixture(scope="module")
def compared(bootstrap: Bootstrap) -> Compare:
    def compare(*tables: pa.Table, noise: Noise | None = None) -> list[Difference]:
        return differences(in_common(list(tables))[0], bootstrap, noise)

    return compare


@pytest.fixture(scope="module")
def equal(compared: Compare) -> list[Difference]:
    """Over all documents, of pairs of models that are equal in truth."""
    return [compared(scores(seed=2 * n), scores(seed=2 * n + 1))[0] for n in range(30)]


def test_models_that_are_equal_in_truth_are_rarely_called_different(
    equal: list[Difference],
) -> None:
    assert sum(d.outcome() != "none" for d in equal) <= 3


def test_a_difference_of_twice_the_interval_is_found(
    compared: Compare, equal: list[Difference]
) -> None:
    """And in the right direction, with an interval that holds the truth."""
    truth = 2 * float(np.mean([d.margin() for d in equal]))
    pairs = [(scores(seed=2 * n), scores(seed=2 * n + 1, better=truth)) for n in range(20)]
    found = [compared(*pair)[0] for pair in pairs]
    assert [d.outcome() for d in found].count("better") >= 18
    assert sum(d.low <= -truth <= d.high for d in found) >= 17


def test_the_other_order_says_the_opposite(compared: Compare) -> None:
    plain, better = scores(seed=1), scores(seed=2, better=0.3)
    assert compared(plain, better)[0].outcome() == "better"
    assert compared(better, plain)[0].outcome() == "worse"
    assert compared(better, plain)[0].delta == -compared(plain, better)[0].delta


def test_a_difference_on_one_source_is_seen_there_alone(compared: Compare) -> None:
    found = compared(scores(seed=1), scores(seed=2, statutes=0.4))
    assert {d.part: d.outcome() for d in found} == {
        "all": "better",
        "statutes": "better",
        "reviews": "none",
    }


def test_a_model_does_not_differ_from_itself(compared: Compare) -> None:
    [whole, *_] = compared(scores(seed=1), scores(seed=1))
    assert (whole.delta, whole.low, whole.high, whole.p, whole.outcome()) == (0, 0, 0, 1, "none")


def test_seeds_widen_the_interval_and_may_explain_the_difference(compared: Compare) -> None:
    tables = scores(seed=1), scores(seed=2, better=0.15)
    [surely, *_] = compared(*tables, noise=Noise(5, {"all": 0.005}))
    [perhaps, *_] = compared(*tables, noise=Noise(5, {"all": 0.2}))
    [unknown, *_] = compared(*tables)
    assert (surely.outcome(), perhaps.outcome(), unknown.outcome()) == ("better", "seed", "better")
    assert perhaps.margin() > surely.margin() > unknown.margin()
    assert (perhaps.low, perhaps.high) == (unknown.low, unknown.high)


def test_several_models_ask_for_stronger_evidence(compared: Compare) -> None:
    tables = [scores(seed=seed, better=0.05 * (seed == 2)) for seed in range(1, 4)]
    [pair, *_] = compared(*tables[:2])
    [among, *_] = compared(*tables)
    assert (pair.first, pair.second) == (among.first, among.second)
    assert among.high - among.low > pair.high - pair.low
    assert among.p > pair.p


def test_three_models_are_compared_each_with_each(compared: Compare) -> None:
    found = compared(*(scores(seed=seed) for seed in range(3)))
    assert [(d.first, d.second, d.part) for d in found] == [
        (*pair, part)
        for pair, part in product(((0, 1), (0, 2), (1, 2)), ("all", "reviews", "statutes"))
    ]


def test_signs_of_few_groups_are_counted_right() -> None:
    """With 3 groups of one sign, 2 of the 8 ways to choose signs are as extreme."""
    bits, groups = np.array([1.0, 2.0, 0.5, 0.5]), np.array([0, 1, 2, 2])
    assert sign_flip_p(bits, groups, flips=20_000, seed=1) == pytest.approx(0.25, abs=0.02)


def test_few_unequal_groups_make_the_interval_wider() -> None:
    random = np.random.default_rng(3)
    groups = np.repeat(np.arange(6), [100, 5, 5, 5, 5, 5])
    characters = np.full(len(groups), 50.0)
    bits = random.normal(0, 5, len(groups)) + random.normal(0, 5, 6)[groups]
    how = Bootstrap(resamples=2000, confidence=0.95, seed=1)
    everything = {"all": np.ones(len(bits), dtype=bool)}
    [plain] = intervals(np.stack([bits, characters]), groups, everything, how)["all"]
    wide = clustered_interval(bits, characters, groups, how)
    assert wide[1] - wide[0] > 1.5 * (plain[1] - plain[0])


def test_one_group_tells_nothing(compared: Compare) -> None:
    one = {"laws": 1, "reviews": 0}
    [whole] = compared(scores(seed=1, **one), scores(seed=2, better=2, **one))
    assert whole.outcome() == "none"
    assert whole.high == np.inf
