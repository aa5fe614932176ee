"""A group's split depends on its name and the salt, and on nothing else."""

from collections import Counter

import hypothesis
import pytest
from hypothesis import strategies

from xuxie.split.assign import Part, assign

GROUPS = [f"虚构条例第{number}号" for number in range(20_000)]
NAMES = strategies.lists(strategies.text(), unique=True)


def part(group: str, salt: str = "xuxie") -> Part:
    return assign(group, val=0.05, test=0.05, salt=salt)


# Pinned: when one of these fails, every team's test split has changed.
@pytest.mark.parametrize(
    ("group", "expected"),
    [("春江花月夜", Part.VAL), ("夏日绝句", Part.TRAIN), ("秋浦歌", Part.TEST)],
)
def test_known_groups_stay_where_they_are(group: str, expected: Part) -> None:
    assert part(group) is expected


def test_the_shares_are_close_to_what_was_asked() -> None:
    counts = Counter(map(part, GROUPS))
    assert counts[Part.VAL] / len(GROUPS) == pytest.approx(0.05, abs=0.005)
    assert counts[Part.TEST] / len(GROUPS) == pytest.approx(0.05, abs=0.005)
    assert counts.total() == len(GROUPS)


def test_a_larger_share_takes_only_from_train() -> None:
    for group in GROUPS[:2000]:
        if part(group) is not Part.TRAIN:
            assert assign(group, val=0.2, test=0.05, salt="xuxie") is part(group)


def test_another_salt_divides_independently() -> None:
    both = [g for g in GROUPS if part(g) is Part.TEST and part(g, "other") is Part.TEST]
    assert len(both) / len(GROUPS) == pytest.approx(0.0025, abs=0.0015)


@hypothesis.settings(deadline=None, max_examples=100, derandomize=True, database=None)
@hypothesis.given(NAMES, NAMES)
def test_new_groups_move_no_old_one(old: list[str], new: list[str]) -> None:
    before = {group: part(group) for group in old}
    after = {group: part(group) for group in sorted({*new, *old})}
    assert {group: after[group] for group in old} == before
