"""Windows: a pure function of (seed, number) that shows every token once an epoch."""

import numpy as np
import pytest

from xuxie.tokenizer.tokens import Tokens
from xuxie.train.settings import Balance, Replay
from xuxie.train.windows import TrainWindows, ValidationWindows

CONTEXT = 16
# Sizes of documents, group by group: short ones, one longer than a window, and many alone.
SIZES = [[5, 9, 3], [40], [7, 1, 30, 12], *[[size] for size in range(2, 22)], [8, 8]]


def tokens_of(sizes: list[list[int]]) -> Tokens:
    """Tokens 0, 1, 2, ... counted through the groups' documents; on disk the last one is first."""
    lengths = [size for group in sizes for size in group]
    ends = np.cumsum(lengths)
    pieces = [np.arange(end - size, end) for size, end in zip(lengths, ends, strict=True)]
    groups = np.zeros(len(sizes), dtype=int)
    return Tokens(
        tokens=np.concatenate(pieces[::-1]).astype(np.uint16),
        starts=np.concatenate([[0], np.cumsum(lengths[::-1])]),
        order=np.arange(len(lengths))[::-1],
        group_starts=np.concatenate([[0], np.cumsum([len(group) for group in sizes])]),
        group_sources=groups,
        group_arrivals=groups + 1,
        source_characters=np.array([sum(lengths)]),
        characters=int(sum(lengths)),
    )


AS_IT_IS = Balance(exponent=0.0, most=1.0)
EVERYTHING = Replay(after=None, share=0.0)
TOKENS = tokens_of(SIZES)
COUNT = len(TOKENS.tokens)
GROUP_OF = np.repeat(np.arange(len(SIZES)), [sum(group) for group in SIZES])


def windows(seed: int = 1) -> TrainWindows:
    return TrainWindows(TOKENS, CONTEXT, seed, AS_IT_IS, EVERYTHING)


def epoch(number: int, seed: int = 1) -> list[list[int]]:
    made = windows(seed)
    places = range(number * made.per_epoch, (number + 1) * made.per_epoch)
    return [made[place][0].tolist() for place in places]


def test_a_window_holds_one_token_more_than_the_context() -> None:
    tokens, groups = windows()[0]
    assert (tokens.shape, tokens.dtype) == ((CONTEXT + 1,), np.int64)
    assert groups.shape == (CONTEXT + 1,)


def test_the_order_of_access_does_not_matter() -> None:
    one, other = windows(), windows()
    numbers = np.random.default_rng(1).permutation(3 * one.per_epoch).tolist()
    found = {number: one[number] for number in numbers}
    for number in sorted(numbers):
        assert np.array_equal(found[number], other[number])


@pytest.mark.parametrize("number", range(4))
def test_every_token_is_an_input_once_an_epoch(number: int) -> None:
    seen = [token for window in epoch(number) for token in window[:-1]]
    assert len(seen) == len(set(seen))
    assert COUNT - len(seen) <= 2 * CONTEXT


def test_no_token_is_left_out_of_every_epoch() -> None:
    seen = {token for number in range(20) for window in epoch(number) for token in window}
    assert seen == set(range(COUNT))


def test_documents_of_a_group_follow_each_other_in_order() -> None:
    made = windows()
    for number in range(made.per_epoch):
        tokens, groups = made[number]
        same = groups[1:] == groups[:-1]
        assert (np.diff(tokens)[same] == 1).all()


def test_tokens_of_one_group_and_no_others_carry_one_number() -> None:
    made = windows()
    for number in range(2 * made.per_epoch):
        tokens, groups = made[number]
        assert np.array_equal(np.diff(groups) != 0, np.diff(GROUP_OF[tokens]) != 0)


def test_windows_of_an_epoch_continue_each_other() -> None:
    begins = {window[0] for window in epoch(0)}
    assert sum(window[-1] not in begins for window in epoch(0)) == 1


@pytest.mark.parametrize(("number", "seed"), [(1, 1), (0, 2)])
def test_another_epoch_or_seed_has_another_order(number: int, seed: int) -> None:
    assert epoch(0) == epoch(0)
    assert epoch(number, seed) != epoch(0)
    assert sorted(epoch(number, seed)) != sorted(epoch(0))


@pytest.mark.parametrize(("size", "expected"), [(2 * CONTEXT, 0), (2 * CONTEXT + 1, 1), (100, 5)])
def test_an_epoch_has_the_windows_that_fit_at_any_offset(size: int, expected: int) -> None:
    made = TrainWindows(tokens_of([[size]]), CONTEXT, 1, AS_IT_IS, EVERYTHING)
    assert made.per_epoch == expected
    for number in range(expected * 50):
        assert len(made[number][0]) == CONTEXT + 1


@pytest.mark.parametrize("limit", [COUNT, (COUNT - 1) // CONTEXT])
def test_validation_shows_the_whole_split_in_order(limit: int) -> None:
    made = ValidationWindows(TOKENS, CONTEXT, limit)
    inputs = [token for number in range(len(made)) for token in made[number][0][:-1]]
    assert inputs == list(range((COUNT - 1) // CONTEXT * CONTEXT))


def test_validation_carries_the_groups() -> None:
    made = ValidationWindows(TOKENS, CONTEXT, COUNT)
    for number in range(len(made)):
        tokens, groups = made[number]
        assert np.array_equal(groups, GROUP_OF[tokens])


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_validation_takes_at_most_so_many_windows_evenly(limit: int) -> None:
    made = ValidationWindows(TOKENS, CONTEXT, limit)
    begins = [int(made[number][0][0]) for number in range(len(made))]
    assert len(made) == limit
    assert begins[0] == 0
    assert np.ptp(np.diff(begins) // CONTEXT) <= 1 if limit > 1 else True


@pytest.mark.parametrize("size", [2, CONTEXT, CONTEXT + 1])
def test_a_short_validation_split_is_one_window(size: int) -> None:
    made = ValidationWindows(tokens_of([[size]]), CONTEXT, 10)
    assert [made[number][0].tolist() for number in range(len(made))] == [list(range(size))]
