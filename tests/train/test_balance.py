"""How often an epoch shows each source, and that every group gets its turn."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from train.test_windows import tokens_of
from xuxie.train.balance import Epochs, repeats
from xuxie.train.settings import Balance
from xuxie.train.windows import TrainWindows

# Two sources: 40 groups of 10 tokens, then 12 groups of 5.
SIZES = [[10]] * 40 + [[5]] * 12
TOKENS = replace(
    tokens_of(SIZES),
    group_sources=np.repeat([0, 1], [40, 12]),
    source_characters=np.array([400, 60]),
)


def balance(exponent: float, most: float = 100.0) -> Balance:
    return Balance(exponent=exponent, most=most)


@pytest.mark.parametrize(
    ("exponent", "most", "expected"),
    [
        (0.0, 9.0, [1, 1, 1]),
        (1.0, 9.0, [1, 4, 9]),
        (0.5, 9.0, [1, 2, 9]),
        (1.0, 1.0, [1, 1, 1]),
    ],
)
def test_a_small_source_is_shown_more_often_but_not_without_end(
    exponent: float, most: float, expected: list[float]
) -> None:
    characters = np.array([40_000, 10_000, 1])
    assert repeats(characters, balance(exponent, most)).tolist() == expected


def test_a_source_alone_is_shown_once() -> None:
    assert repeats(np.array([77]), balance(1.0)).tolist() == [1.0]


def test_an_epoch_shows_each_source_as_often_as_it_is_repeated() -> None:
    epochs = Epochs(TOKENS, 1, balance(0.3))
    times = (400 / 60) ** 0.3
    assert epochs.length == 400 + int(times * 60)
    for epoch in range(5):
        shown = Counter(epochs.groups(epoch).tolist())
        assert all(shown[group] == 1 for group in range(40))
        assert all(shown[group] in (1, 2) for group in range(40, 52))
        tokens = sum(5 * shown[group] for group in range(40, 52))
        assert times * 60 <= tokens < times * 60 + 10


def test_the_groups_shown_once_more_take_turns() -> None:
    epochs = Epochs(TOKENS, 1, balance(0.3))
    shown = Counter(
        group for epoch in range(30) for group in epochs.groups(epoch).tolist() if group >= 40
    )
    assert len(shown) == 12
    assert max(shown.values()) - min(shown.values()) <= 3


def test_every_window_fits_into_its_epoch_and_a_repeated_group_is_another_text() -> None:
    made = TrainWindows(TOKENS, 16, 3, balance(1.0))
    assert made.per_epoch == (400 + 400 - 1) // 16 - 1
    for number in range(made.per_epoch * 6):
        tokens, groups = made[number]
        assert len(tokens) == 17
        # Within one copy of a group, tokens count upwards.
        assert (np.diff(tokens)[np.diff(groups) == 0] == 1).all()


def test_the_epoch_is_a_pure_function_of_its_seed_and_number() -> None:
    one, again, other = (Epochs(TOKENS, seed, balance(0.3)) for seed in (1, 1, 2))
    assert [one.groups(e).tolist() for e in (3, 0)] == [again.groups(e).tolist() for e in (3, 0)]
    assert one.groups(0).tolist() != other.groups(0).tolist()
