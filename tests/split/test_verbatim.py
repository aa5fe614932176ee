"""What counts as copied is what a plain search finds."""

import hypothesis
from hypothesis import strategies

from xuxie.split.verbatim import Stretches

TEXTS = strategies.lists(strategies.text("春夏秋", max_size=60), max_size=6)


def searched(held: str, train: list[str], length: int) -> int:
    inside = set()
    for begin in range(len(held) - length + 1):
        if any(held[begin : begin + length] in text for text in train):
            inside |= set(range(begin, begin + length))
    return len(inside)


@hypothesis.settings(deadline=None, max_examples=200, derandomize=True, database=None)
@hypothesis.given(TEXTS, TEXTS, strategies.integers(2, 9))
def test_as_by_plain_search(held: list[str], train: list[str], length: int) -> None:
    stretches = Stretches(held, length)
    for text in train:
        stretches.see([text])
    assert stretches.covered().tolist() == [searched(text, train, length) for text in held]


def test_a_stretch_does_not_reach_from_one_text_into_the_next() -> None:
    stretches = Stretches(["春江潮水连海平"], 4)
    stretches.see(["春江", "潮水"])
    assert stretches.covered().tolist() == [0]
    stretches.see(["江潮水连"])
    assert stretches.covered().tolist() == [4]


def test_characters_beyond_16_bits_count_as_one() -> None:
    stretches = Stretches(["𠮷野家的招牌"], 3)
    stretches.see(["在𠮷野家"])
    assert stretches.covered().tolist() == [3]
