"""Each reason, at its threshold and beyond."""

from collections.abc import Callable

import pytest

from xuxie.clean.judge import Reason, han_share, judge, repetition
from xuxie.config import Config

POEM = "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"


@pytest.mark.parametrize(
    ("text", "limit", "reason"),
    [
        (POEM, f"min_characters={len(POEM)}", None),
        (POEM, f"min_characters={len(POEM) + 1}", Reason.TOO_SHORT),
        (POEM, f"max_characters={len(POEM)}", None),
        (POEM, f"max_characters={len(POEM) - 1}", Reason.TOO_LONG),
        ("汉字abcd汉字汉字，。", "min_han_share=0.5", None),
        ("汉字abcd汉字汉字，。", "min_han_share=0.501", Reason.LOW_HAN_SHARE),
        ("东南西北东南西北东南西北", "max_repetition=0.5", None),
        ("东南西北东南西北东南西北", "max_repetition=0.499", Reason.REPETITIVE),
    ],
)
def test_a_text_stays_up_to_its_threshold(
    settings: Callable[..., Config], text: str, limit: str, reason: Reason | None
) -> None:
    assert judge(text, settings(f"clean.{limit}").clean) == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (POEM, None),
        ("", Reason.TOO_SHORT),
        ("太短了。", Reason.TOO_SHORT),
        ("长" * 200_001, Reason.TOO_LONG),
        ("No Han characters at all, 1234567890.", Reason.LOW_HAN_SHARE),
        ("你好" * 20, Reason.REPETITIVE),
        ("A" * 9, Reason.TOO_SHORT),
    ],
)
def test_the_first_broken_rule_is_the_reason(
    settings: Callable[..., Config], text: str, reason: Reason | None
) -> None:
    assert judge(text, settings().clean) == reason


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("", 0.0),
        (" \n　", 0.0),
        ("汉字", 1.0),
        ("汉 字\n　", 1.0),
        ("汉，", 0.5),
        ("〇々𠀀\U00031350㐀", 1.0),
        ("ひらカナ한글①", 0.0),
    ],
)
def test_han_characters_are_counted_among_the_visible(text: str, share: float) -> None:
    assert han_share(text) == share


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("", 0.0),
        ("你好你", 0.0),
        ("你好你好你好", 0.0),
        ("你好你好你好你", 1 / 3),
        ("你好" * 5, 2 / 3),
        ("好" * 14, 0.9),
        (POEM, 0.0),
        (POEM + POEM, 1 - 24 / 44),
    ],
)
def test_repetition_counts_characters_not_words(text: str, share: float) -> None:
    assert repetition(text) == pytest.approx(share)
