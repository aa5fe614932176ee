"""How long training lasts and how the rate moves."""

import math

import hypothesis
import pytest
from hypothesis import strategies as st

from xuxie.train.schedule import plan, rate_factor

SIZES = st.integers(1, 5000)


@hypothesis.given(
    epochs=st.floats(0.01, 20), windows=SIZES, batch=SIZES, validations=st.integers(1, 300)
)
@hypothesis.settings(deadline=None, derandomize=True)
def test_the_last_step_is_validated_and_every_window_seen(
    epochs: float, windows: int, batch: int, validations: int
) -> None:
    steps, interval = plan(epochs=epochs, windows=windows, batch=batch, validations=validations)
    needed = max(1, math.ceil(epochs * windows / batch))
    assert steps % interval == 0
    assert needed <= steps < needed + interval
    assert steps // interval <= validations


@pytest.mark.parametrize(
    ("epochs", "windows", "batch", "validations", "expected"),
    [
        (1.0, 100, 10, 5, (10, 2)),
        (0.5, 100, 10, 5, (5, 1)),
        (1.0, 100, 10, 4, (12, 3)),
        (2.0, 7, 8, 8, (2, 1)),
        (0.001, 10, 8, 3, (1, 1)),
    ],
)
def test_steps_and_interval_by_hand(
    epochs: float, windows: int, batch: int, validations: int, expected: tuple[int, int]
) -> None:
    made = plan(epochs=epochs, windows=windows, batch=batch, validations=validations)
    assert made == expected


def rates(steps: int, warmup: float, decay: float, final: float) -> list[float]:
    phases = {"warmup": warmup, "decay": decay, "final": final}
    return [rate_factor(step, steps=steps, **phases) for step in range(steps)]


def test_the_rate_rises_stays_and_falls() -> None:
    made = rates(100, 0.1, 0.5, 0.2)
    assert made[:10] == pytest.approx([(step + 1) / 10 for step in range(10)])
    assert made[10:51] == [1.0] * 41
    assert made[51:] == sorted(made[51:], reverse=True)
    assert made[75] == pytest.approx(0.6)
    assert made[-1] == pytest.approx(0.2, abs=0.001)


@pytest.mark.parametrize(("steps", "warmup", "final"), [(100, 0.1, 0.0), (640, 0.05, 0.1)])
def test_without_a_plateau_it_is_the_usual_cosine(steps: int, warmup: float, final: float) -> None:
    rise = round(warmup * steps)
    expected = [
        final + (1 - final) * (1 + math.cos(math.pi * (step - rise) / (steps - rise))) / 2
        for step in range(rise, steps)
    ]
    assert rates(steps, warmup, 1 - warmup, final)[rise:] == pytest.approx(expected)


@pytest.mark.parametrize("final", [0.0, 0.3, 1.0])
def test_after_the_last_step_the_final_share_is_left(final: float) -> None:
    factor = rate_factor(50, steps=50, warmup=0.1, decay=0.4, final=final)
    assert factor == pytest.approx(final)


@hypothesis.given(
    steps=st.integers(1, 500), warmup=st.floats(0, 1), share=st.floats(0, 1), final=st.floats(0, 1)
)
@hypothesis.settings(deadline=None, derandomize=True)
def test_the_rate_stays_between_nothing_and_its_peak(
    steps: int, warmup: float, share: float, final: float
) -> None:
    made = rates(steps, warmup, share * (1 - warmup), final)
    assert all(0 <= rate <= 1 + 1e-12 for rate in made)
    assert made[0] > 0
