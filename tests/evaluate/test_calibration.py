"""Planted beliefs: right ones are found to be right, planted errors are found in full."""

import numpy as np
import pytest

from xuxie.evaluate.calibration import calibration, reliability
from xuxie.evaluate.score import Guesses

COUNT = 60_000
RANDOM = np.random.default_rng(1)
TRUTH = RANDOM.beta(1, 3, COUNT)
CAME = RANDOM.random(COUNT) < TRUTH


def guesses(chance: "np.typing.NDArray[np.float64]", batch: int = 7000) -> Guesses:
    parts = range(0, COUNT, batch)
    return Guesses(
        [chance[place : place + batch].astype(np.float32) for place in parts],
        [CAME[place : place + batch] for place in parts],
    )


def test_true_chances_have_next_to_no_error() -> None:
    found = calibration(reliability(guesses(TRUTH), 15))
    assert found["expected_calibration_error"] < 0.01
    assert found["mean_chance"] == pytest.approx(TRUTH.mean(), abs=1e-5)
    assert found["accuracy"] == pytest.approx(CAME.mean())


@pytest.mark.parametrize("planted", [0.05, 0.2])
def test_belief_that_is_always_too_high_is_found_in_full(planted: float) -> None:
    found = calibration(reliability(guesses(TRUTH + planted), 15))
    assert found["expected_calibration_error"] == pytest.approx(planted, abs=0.01)
    assert found["mean_chance"] - found["accuracy"] == pytest.approx(planted, abs=0.01)


def test_errors_that_cancel_on_the_whole_are_found() -> None:
    """A model that is too sure of itself at both ends is right on average."""
    sharper = np.where(np.median(TRUTH) < TRUTH, TRUTH + 0.1, TRUTH - 0.1)
    found = calibration(reliability(guesses(sharper), 15))
    assert found["mean_chance"] == pytest.approx(found["accuracy"], abs=0.01)
    assert found["expected_calibration_error"] == pytest.approx(0.1, abs=0.01)


def test_bins_are_of_equal_mass_and_in_order() -> None:
    found = reliability(guesses(TRUTH), 15)
    assert {row.tokens for row in found} == {COUNT // 15}
    chances = [row.chance for row in found]
    assert chances == sorted(chances)


def test_fewer_tokens_than_bins_leave_bins_out() -> None:
    few = Guesses([np.array([0.2, 0.9], np.float32)], [np.array([False, True])])
    assert [row.tokens for row in reliability(few, 15)] == [1, 1]
