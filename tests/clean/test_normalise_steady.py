"""Normalising once is enough, whatever the switches; and no text takes long."""

import time
import unicodedata
from collections.abc import Callable

import hypothesis
import pytest
from hypothesis import strategies

from xuxie.clean.normalise import normalised
from xuxie.clean.normalise_settings import NormaliseSettings
from xuxie.config import Config

AWKWARD = [
    *"汉字，。《》「」“”①㎡０９ＡＺａｚ！ｶが〇々\u3000 \t\n\r\v\f\x00\x1b\x7f\x85\xa0\xad",
    *'<>&[]/;#="＂',
    *"\u0301\u0338\u2000\u205f\u2028\u2029\u200b\u200c\u200d\u200d\u200e\u2066\ufeff\ufe0f\ufffd,.!?:()-—…",
    *"\u2126\u212b\u2329\uf900\u3099😀👨👩👧❤🏽\U000e0067\U00020000eA가\u1100\u1161\u226e\ue000乾後",
    *(
        "\r\n",
        "👨\u200d👩\u200d👧",
        "第１１条",
        "<b>",
        "</b>",
        "<p ",
        "<!--",
        "-->",
        "<script>",
        "</script>",
    ),
    *(
        "&amp;",
        "&lt;",
        "&#60;",
        "&nbsp;",
        "amp;",
        "[b]",
        "[/b]",
        "[img]",
        "[/img]",
        "首页",
        "登录 ",
        "|关于我们",
    ),
    *(
        "ä½\xa0",
        "Ã©",
        "ï¼Œ",
        "â€œ",
        "...",
        "。。。",
        "--",
        "！！！！",
        "今 天 天 气",
        "版权所有",
        "\nCopyright ",
    ),
]
MIXED = strategies.lists(strategies.sampled_from(AWKWARD) | strategies.characters(codec="utf-8"))
SWITCHES = "mojibake markup furniture invisible line_ends nfc width spacing".split()
POINTS = "quotes dashes ellipses width full_stops".split()
COMBINATIONS = strategies.fixed_dictionaries(
    dict.fromkeys(SWITCHES, strategies.booleans())
    | {
        "traditional": strategies.sampled_from(["keep", "simplify"]),
        "protected_words": strategies.sampled_from([[], ["後"], ["乾", "第"]]),
        "punctuation": strategies.fixed_dictionaries(
            dict.fromkeys(POINTS, strategies.booleans())
            | {"max_run": strategies.sampled_from([0, 1, 3])}
        ),
    }
).map(NormaliseSettings.model_validate)
often = hypothesis.settings(
    deadline=None,
    max_examples=300,
    derandomize=True,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def preset(settings: Callable[..., Config], request: pytest.FixtureRequest) -> NormaliseSettings:
    return settings(f"clean={request.param}").clean.normalise


@pytest.fixture
def default(settings: Callable[..., Config]) -> NormaliseSettings:
    return settings().clean.normalise


def assert_steady(text: str, chosen: NormaliseSettings) -> None:
    once, _ = normalised(text, chosen)
    assert normalised(once, chosen) == (once, ())
    assert not chosen.nfc or unicodedata.is_normalized("NFC", once)


@often
@hypothesis.given(MIXED.map("".join), COMBINATIONS)
def test_once_is_enough(text: str, chosen: NormaliseSettings) -> None:
    assert_steady(text, chosen)


@often
@hypothesis.given(strategies.text(), COMBINATIONS)
def test_once_is_enough_for_any_text(text: str, chosen: NormaliseSettings) -> None:
    assert_steady(text, chosen)


@pytest.mark.parametrize("preset", ["default", "strict", "none"], indirect=True)
@often
@hypothesis.given(text=MIXED.map("".join) | strategies.text())
def test_once_is_enough_for_each_preset(preset: NormaliseSettings, text: str) -> None:
    assert_steady(text, preset)


def test_none_changes_nothing(settings: Callable[..., Config]) -> None:
    text = "".join(AWKWARD)
    assert normalised(text, settings("clean=none").clean.normalise) == (text, ())


def test_layers_of_markup_are_opened_and_an_attack_ends(default: NormaliseSettings) -> None:
    deep = "<" * 5000 + "b>" * 5000
    once, rules = normalised(f"前{deep}后", default)
    assert rules == ("markup",) and normalised(once, default) == (once, ())
    assert normalised("前<<<b>b>b>后", default)[0] == "前后"
    assert normalised("前&amp;amp;lt;b&amp;gt;后", default)[0] == "前后"


RUNS = [
    *'　 \t\n-—…。.,!?()"＂<>&[]\u200d\u200b\ufe0f０！字aÃ\xa0#=/@',
    "<b",
    "<!--",
    "<script>",
    "&amp;",
]


@pytest.mark.parametrize(
    "piece", [*RUNS, "字(", "字 ", "[b]", "首页 ", "字...", "<b>", "\r\n", "字--"]
)
def test_a_long_run_takes_no_time(piece: str, default: NormaliseSettings) -> None:
    text = "首" + piece * (200_000 // len(piece)) + "尾"
    start = time.perf_counter()
    normalised(text, default)
    assert time.perf_counter() - start < 1
