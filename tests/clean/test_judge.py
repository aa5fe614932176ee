"""Each reason, at its bound and beyond; and a judgement does not depend on the batch."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import hypothesis
import pytest
from hypothesis import strategies

import corpus
from xuxie.clean.judge import Reason, judged
from xuxie.clean.judge.lines import placeholder_share
from xuxie.clean.judge.settings import QualitySettings
from xuxie.config import Config

Quality = Callable[..., QualitySettings]
POEM = "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"
PROSE = "渡口应当设置清楚的标识，并在每年年底前检查一次；检查的结果要写进账册。"
ENGLISH = "The owner of the orchard keeps the accounts and shows them to the village once a year."


@pytest.fixture
def quality(settings: Callable[..., Config]) -> Quality:
    """The quality settings of a preset under overrides."""

    def made(*overrides: str, preset: str = "default") -> QualitySettings:
        limits = (f"clean.quality.{override}" for override in overrides)
        return settings(f"clean={preset}", *limits).clean.quality

    return made


@pytest.fixture
def strict(quality: Quality) -> QualitySettings:
    return quality(preset="strict")


def reason(text: str, settings: QualitySettings) -> str:
    return judged([text], settings).reasons[0]


BOUNDS = [
    (POEM, "min_characters=24", "min_characters=25", Reason.TOO_SHORT),
    (POEM, "max_characters=24", "max_characters=23", Reason.TOO_LONG),
    (ENGLISH, "languages=[zh,en]", "languages=[zh]", Reason.WRONG_LANGUAGE),
    ("汉字汉字abcdabcd，。", "min_han_share=0.28", "min_han_share=0.29", Reason.LOW_HAN_SHARE),
    ("汉字与更多文字$+=<>", "max_symbol_share=0.42", "max_symbol_share=0.41", Reason.SYMBOLS),
    ("汉字与更多文字12345", "max_digit_share=0.42", "max_digit_share=0.41", Reason.DIGITS),
    (
        f"{PROSE}锟斤拷",
        "max_placeholder_share=0.08",
        "max_placeholder_share=0.07",
        Reason.PLACEHOLDER,
    ),
    (
        f"{POEM}\n{PROSE}\n{POEM}",
        "max_duplicate_lines=0.29",
        "max_duplicate_lines=0.28",
        Reason.REPEATED_LINES,
    ),
    ("东南西北" * 3, "max_repetition=0.5", "max_repetition=0.499", Reason.REPETITIVE),
    (
        "甲乙丙丁戊己庚辛壬癸子丑" * 2,
        "max_long_repetition=0.2",
        "max_long_repetition=0.199",
        Reason.REPETITIVE,
    ),
    ("渡口渡船渡口灯渡口人", "max_top_bigram=0.6", "max_top_bigram=0.59", Reason.TOP_BIGRAM),
    (POEM, "min_mark_share=0.16", "min_mark_share=0.17", Reason.NO_PUNCTUATION),
    (f"{PROSE}{POEM}{POEM}", "min_sentences=5", "min_sentences=6", Reason.FEW_SENTENCES),
    (
        f"甲\n乙\n丙\n{PROSE}\n{POEM}",
        "max_short_lines=0.6",
        "max_short_lines=0.59",
        Reason.LIST_LIKE,
    ),
]
# What the rule on test would have to itself, so that no other speaks first.
WIDE = ["max_repetition=1.0", "max_long_repetition=1.0", "max_top_bigram=1.0", "marks_from=20"]


def test_every_reason_has_its_bound() -> None:
    assert {why for *_, why in BOUNDS} == set(Reason)


@pytest.mark.parametrize(("text", "stays", "goes", "why"), BOUNDS)
def test_a_text_stays_up_to_the_bound(
    quality: Quality, text: str, stays: str, goes: str, why: Reason
) -> None:
    others = [bound for bound in WIDE if not goes.startswith(bound.partition("=")[0])]
    assert reason(text, quality("min_mark_share=0.0", *others, stays)) == ""
    assert reason(text, quality("min_mark_share=0.0", *others, goes)) == why


GOOD = (
    "第十一条　渡口的经营者应当每日检查船只、缆绳和灯具，发现损坏的，应当立即停航修理。\n"
    "果园今年的收成比去年好得多：苹果卖了三百二十筐，梨也有一百多筐，账册贴在村口的墙上。\n"
    "老人说，他年轻时每天清早过河去读书，风大的日子船家便不收钱；后来桥修好了，渡口才慢慢冷清。"
)


@pytest.mark.parametrize("preset", ["default", "strict", "none"])
def test_good_chinese_breaks_no_rule(quality: Quality, preset: str) -> None:
    assert reason(GOOD, quality(preset=preset)) == ""


@pytest.mark.parametrize(
    "text",
    [
        "轻薄小巧的！！！外观经典！！！做工精细！！！",
        "没意思~~~买来以后一直放着~~~",
        "房间很大，不是一般的大。哈哈哈哈哈哈哈哈",
    ],
)
def test_emphasis_is_not_repetition(quality: Quality, text: str) -> None:
    assert reason(text, quality()) == ""


@pytest.mark.parametrize("text", ["不错" * 20, "灯" * 40, "很好！" * 12])
def test_a_text_that_only_repeats_itself_goes(quality: Quality, text: str) -> None:
    assert reason(text, quality()) == Reason.REPETITIVE


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("屯屯屯屯", 1.0),
        ("Lorem Ipsum dolor\n正文", 17 / 20),
        ("�正文和后文", 1 / 6),
        ("烫手的汤，lore", 0.0),
        ("", 0.0),
    ],
)
def test_the_share_of_placeholders(text: str, share: float) -> None:
    assert placeholder_share(text) == pytest.approx(share)


def test_long_text_without_marks_is_no_prose(quality: Quality) -> None:
    words = "".join(dict.fromkeys("".join(corpus.reviews(60)).replace("，", "").replace("。", "")))
    bare = quality("marks_from=50", "min_mark_share=0.01")
    assert reason(words[:49], bare) == ""
    assert reason(words[:120].replace("！", ""), bare) == Reason.NO_PUNCTUATION


def test_of_several_broken_rules_the_first_is_the_reason(quality: Quality) -> None:
    assert list(Reason)[:2] == [Reason.TOO_SHORT, Reason.TOO_LONG]
    assert reason("好好好", quality()) == Reason.TOO_SHORT
    assert reason("a" * 40, quality("languages=[zh]")) == Reason.WRONG_LANGUAGE


@pytest.mark.parametrize(
    "text",
    [
        POEM,
        PROSE,
        "房间不大但是很干净早餐也好下次还来",
        "第十五条　本条例自公布之日起施行。",
        "一、申请；\n二、受理；\n三、审查；\n四、决定。",
        "用的是XJ-200型，接口有USB和HDMI，开机10秒。",
    ],
)
def test_default_keeps_short_good_text(quality: Quality, text: str) -> None:
    assert reason(text, quality()) == ""


def test_default_keeps_a_corpus_of_statutes_and_reviews(quality: Quality) -> None:
    texts = [str(record["text"]) for record in corpus.statute_records()] + corpus.reviews()
    assert set(judged(texts, quality()).reasons) == {""}


@pytest.mark.parametrize("text", ["", "a", "你好" * 50, "1234567890" * 9, "\n" * 30, "\ufffd" * 9])
def test_none_lets_everything_pass(quality: Quality, text: str) -> None:
    assert reason(text, quality(preset="none")) == ""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (PROSE, "zh"),
        ("用 Python 写的程序，运行 import this 就知道了。", "zh"),
        ("繁體中文也是中文，這是一句話。", "zh"),
        ("このりんごはとても甘くて、おいしいです。", "ja"),
        ("오늘은 날씨가 아주 좋습니다.", "ko"),
        (ENGLISH, "en"),
        ("Хозяин сада каждый год показывает деревне свои книги.", "ru"),
        ("1234 5678！！！", "und"),
        ("", "und"),
    ],
)
def test_the_language_of_a_text(quality: Quality, text: str, language: str) -> None:
    assert judged([text], quality()).languages == [language]


PIECES = [
    *"好字，。\n a1@",
    POEM,
    PROSE,
    ENGLISH,
    "你好你好你好",
    "锟斤拷",
    "かな",
    "\U00020000",
    "　",
]
TEXTS = strategies.lists(
    strategies.lists(strategies.sampled_from(PIECES), max_size=12).map("".join), max_size=12
)


@hypothesis.settings(
    deadline=None,
    max_examples=150,
    derandomize=True,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@hypothesis.given(TEXTS, strategies.sets(strategies.integers(0, 12)))
def test_batches_do_not_matter(strict: QualitySettings, texts: list[str], cuts: set[int]) -> None:
    whole = judged(texts, strict)
    parts = [judged(part, strict) for part in parted(texts, sorted(cuts))]
    assert [one for part in parts for one in part.reasons] == whole.reasons
    assert [one for part in parts for one in part.languages] == whole.languages


def parted(texts: Sequence[str], cuts: list[int]) -> list[Sequence[str]]:
    edges = [0, *cuts, len(texts)]
    return [texts[start:end] for start, end in pairwise(edges)]
