"""What normalising changes, what it keeps, and that once is enough."""

import unicodedata

import hypothesis
import pytest
from hypothesis import strategies

from xuxie.clean.normalise import normalise

AWKWARD = [
    *"汉字，。《》「」“”①㎡０９ＡＺａｚ！ｶが〇々\u3000 \t\n\r\v\f\x00\x1b\x7f\x85\xa0\xad",
    *"\u0301\u0338\u2000\u205f\u2028\u2029\u200b\u200c\u200d\u200d\u200e\u2066\ufeff\ufe0f\ufffd",
    *"\u2126\u212b\u2329\uf900\u3099😀👨👩👧❤🏽\U000e0067\U00020000eA가\u1100\u1161",
    "\r\n",
    "👨\u200d👩\u200d👧",
    "第１１条",
]
MIXED = strategies.lists(strategies.sampled_from(AWKWARD) | strategies.characters(codec="utf-8"))


@hypothesis.settings(deadline=None, max_examples=300, derandomize=True, database=None)
@hypothesis.given(MIXED.map("".join))
def test_once_is_enough(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)


@pytest.mark.parametrize(
    "text",
    [
        "根据《虚构条例》，营收增长“十五％”；见第①款。",
        "「引号」『书名』——省略……、间隔·顿号！？：（括号）【方头】～",
        "〇一二三々　㎡ ℃ ½ ｶﾅ 𠀀𪚥 繁體與异體",
        "一家👨\u200d👩\u200d👧\u200d👦，彩旗🏳\ufe0f\u200d🌈，修复❤\ufe0f\u200d🩹，肤色👩🏽\u200d💻，👍🏿。",
        "一段。\n\n另一段。",
        "if x > 0: return a_b # 1.5e-3",
    ],
)
def test_good_text_stays(text: str) -> None:
    assert normalise(text) == text


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("第１１条", "第11条"),
        ("ＡＢＣｘｙｚ０９，！％", "ABCxyz09，！％"),
        ("零\u200b宽\u200c字\ufeff符\u2060", "零宽字符"),
        ("软\u00ad连\u202e字\u2066符\u200e左\u200f右", "软连字符左右"),
        ("控\x00制\x1b字\x7f符\x80", "控制字符"),
        ("字\u200d间", "字间"),
        ("🙂\u200d字", "🙂字"),
        ("🙂\u200d\u200d🙂", "🙂🙂"),
        ("か\u200dか \u2126\u200d🙂", "かか Ω🙂"),
        ("cafe\u0301 \u212b \uf9dc", "café Å 隆"),
        ("一\r\n二\r三\v四\f五\x85六\u2028七\u2029八", "一\n二\n三\n四\n五\n六\n七\n八"),
        ("多 \t\xa0\u2003空  格", "多 空 格"),
        ("　　首行缩进  \n　　次行　\n", "首行缩进\n次行"),
        ("一\n \n　\n\n\n二", "一\n\n二"),
        (" \u3000\n \u200b", ""),
        ("", ""),
    ],
)
def test_noise_is_changed(text: str, normal: str) -> None:
    assert normalise(text) == normal


def test_a_long_run_of_ideographic_spaces_takes_no_time() -> None:
    # With one regular expression for both edges of a line this took minutes.
    run = "　" * 200_000
    assert normalise(f"首{run}尾") == f"首{run}尾"
