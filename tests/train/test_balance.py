"""How often an epoch shows each source, and that every group gets its turn."""

from collections import Counter
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

from train.test_windows import EVERYTHING, tokens_of
from xuxie.errors import Refusal
from xuxie.train.balance import Epochs, repeats
from xuxie.train.settings import Balance, Replay
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
    epochs = Epochs(TOKENS, 1, balance(0.3), EVERYTHING)
    times = (400 / 60) ** 0.3
    assert epochs.length == 400 + int(times * 60)
    for epoch in range(5):
        shown = Counter(epochs.groups(epoch).tolist())
        assert all(shown[group] == 1 for group in range(40))
        assert all(shown[group] in (1, 2) for group in range(40, 52))
        tokens = sum(5 * shown[group] for group in range(40, 52))
        assert times * 60 <= tokens < times * 60 + 10


def test_the_groups_shown_once_more_take_turns() -> None:
    epochs = Epochs(TOKENS, 1, balance(0.3), EVERYTHING)
    shown = Counter(
        group for epoch in range(30) for group in epochs.groups(epoch).tolist() if group >= 40
    )
    assert len(shown) == 12
    assert max(shown.values()) - min(shown.values()) <= 3


def test_every_window_fits_into_its_epoch_and_a_repeated_group_is_another_text() -> None:
    made = TrainWindows(TOKENS, 16, 3, balance(1.0), EVERYTHING)
    assert made.per_epoch == (400 + 400 - 1) // 16 - 1
    for number in range(made.per_epoch * 6):
        tokens, groups = made[number]
        assert len(tokens) == 17
        # Within one copy of a group, tokens count upwards.
        assert (np.diff(tokens)[np.diff(groups) == 0] == 1).all()


def test_the_epoch_is_a_pure_function_of_its_seed_and_number() -> None:
    one, again, other = (Epochs(TOKENS, seed, balance(0.3), EVERYTHING) for seed in (1, 1, 2))
    assert [one.groups(e).tolist() for e in (3, 0)] == [again.groups(e).tolist() for e in (3, 0)]
    assert one.groups(0).tolist() != other.groups(0).tolist()


# Of the first source the last 8 groups came later, of the second the last 4: 80 and 20 tokens.
LATER = replace(
    TOKENS,
    group_arrivals=np.repeat([1, 2, 1, 2], [32, 8, 8, 4]),
    group_sources=TOKENS.group_sources,
)
NEW = {*range(32, 40), *range(48, 52)}


def test_without_replay_training_reads_what_it_always_read() -> None:
    made, digest = TrainWindows(LATER, 16, 3, balance(0.3), EVERYTHING), sha256()
    for number in range(4 * made.per_epoch):
        for array in made[number]:
            digest.update(array.astype("<i8").tobytes())
    assert digest.hexdigest()[:16] == "0027c89ab704bf58"


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3, 0.5])
def test_an_epoch_shows_the_new_text_and_a_share_of_the_old(share: float) -> None:
    epochs = Epochs(LATER, 1, balance(0.0), Replay(after=1, share=share))
    for epoch in range(5):
        shown = Counter(epochs.groups(epoch).tolist())
        assert {group: shown[group] for group in NEW} == dict.fromkeys(NEW, 1)
        old = sum(int(epochs.sizes[group]) * n for group, n in shown.items() if group not in NEW)
        wanted = 100 * share / (1 - share)
        # Whole groups of 10 and 5 tokens.
        assert wanted <= old < wanted + 15


def test_old_text_takes_turns() -> None:
    epochs = Epochs(LATER, 1, balance(0.0), Replay(after=1, share=0.2))
    shown = Counter(group for epoch in range(60) for group in epochs.groups(epoch).tolist())
    old = [shown[group] for group in range(52) if group not in NEW]
    assert 0 < max(old) <= 3 * min(old)


def test_old_text_is_not_repeated_without_end() -> None:
    epochs = Epochs(LATER, 1, balance(0.0, most=2.0), Replay(after=1, share=0.99))
    shown = Counter(epochs.groups(0).tolist())
    assert {shown[group] for group in range(52) if group not in NEW} == {2}


def test_small_sources_are_repeated_among_old_and_new_text() -> None:
    epochs = Epochs(LATER, 1, balance(1.0), Replay(after=1, share=0.5))
    times = Counter(epochs.groups(0).tolist())
    assert all(times[group] in (6, 7) for group in range(48, 52))
    assert all(times[group] == 1 for group in range(32, 40))


def test_replay_of_nothing_new_is_refused() -> None:
    with pytest.raises(Refusal, match=r"train\.replay\.after"):
        Epochs(LATER, 1, balance(0.0), Replay(after=2, share=0.5))


def test_windows_of_a_continued_training_fit_into_their_epoch() -> None:
    made = TrainWindows(LATER, 16, 3, balance(0.3), Replay(after=1, share=0.5))
    for number in range(made.per_epoch * 6):
        assert len(made[number][0]) == 17
