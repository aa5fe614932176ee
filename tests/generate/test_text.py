"""Sampled text as a person may read it, and counts of how varied it is."""

import hypothesis
import pytest
from hypothesis import strategies as st

from xuxie.generate.diversity import distinct, repetition
from xuxie.generate.text import readable, settled

GROWING = st.text("今天 　ab，\ufffd\u00a0🎋1", max_size=12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今 天 天　气", "今天天气"),
        ("今天 ， 天气", "今天，天气"),
        ("今天  \u00a0天气", "今天天气"),
        ("用 GPT 续 写", "用 GPT 续写"),
        ("第 12 条", "第 12 条"),
        ("two words", "two words"),
        ("𠮷 野", "𠮷野"),
        ("今天\n天气", "今天\n天气"),
        ("今天\ufffd", "今天"),
        (" 今天 ", " 今天 "),
        ("", ""),
    ],
)
def test_no_spaces_between_hanzi_and_no_half_character(text: str, expected: str) -> None:
    assert readable(text) == expected


@hypothesis.given(text=GROWING, more=GROWING)
@hypothesis.settings(deadline=None, derandomize=True, max_examples=500)
def test_what_is_settled_does_not_change(text: str, more: str) -> None:
    """Whatever follows; an unfinished character may become any other."""
    whole = text.rstrip("\ufffd") + more
    assert readable(whole).startswith(readable(settled(text)))


@pytest.mark.parametrize(
    ("texts", "length", "expected"),
    [
        (["春风春风"], 1, 2 / 4),
        (["春风春风"], 2, 2 / 3),
        (["春风", "春风"], 2, 1 / 2),
        (["春风", "秋月"], 1, 1.0),
        (["春"], 2, 0.0),
        ([], 1, 0.0),
    ],
)
def test_distinct_is_the_share_of_different_n_grams(
    texts: list[str], length: int, expected: float
) -> None:
    assert distinct(texts, length) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一二三四一二三四", 1 / 5),
        ("啊" * 10, 6 / 7),
        ("一二三四五六", 0.0),
        ("短", 0.0),
        ("", 0.0),
    ],
)
def test_repetition_is_the_share_of_fours_seen_before(text: str, expected: float) -> None:
    assert repetition(text) == pytest.approx(expected)
