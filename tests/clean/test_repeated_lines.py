"""Lines that many documents share go, after the first documents that had them."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies

from xuxie.clean.findings import LineIndex
from xuxie.clean.repeated_lines import (
    Lines,
    RepeatedLineSettings,
    cut,
    line_hashes,
    mostly_repeated,
    without,
)
from xuxie.config import Config

FOOTER = "上一页 下一页 返回首页"
Cut = Callable[..., list[str]]


@pytest.fixture(scope="module")
def rules(settings: Callable[..., Config]) -> Callable[..., RepeatedLineSettings]:
    low = {"documents": 3, "share": 0.5, "paragraph_characters": 20, "copies": 1, "max_share": 1.0}
    default = settings().clean.repeated_lines

    def made(**values: float) -> RepeatedLineSettings:
        return default.model_copy(update=low | values)

    return made


def after(
    texts: list[str], rules: RepeatedLineSettings, sources: list[int] | None = None
) -> list[str]:
    """The texts without repeated lines, as clean does it."""
    lines = indexed(texts, sources)
    gone = cut(lines, rules)
    return [
        without(text, gone[lines.documents == place].tolist()) if "\n" in text else text
        for place, text in enumerate(texts)
    ]


def indexed(texts: list[str], sources: list[int] | None = None) -> Lines:
    index = LineIndex()
    hashes = [line_hashes(text) for text in texts]
    lengths = [[len(line) for line in text.split("\n")] if "\n" in text else [] for text in texts]
    index.add(
        np.array(sources or [0] * len(texts), dtype=np.int32),
        pa.array(hashes, pa.list_(pa.uint64())),
        pa.array(lengths, pa.list_(pa.int32())),
    )
    return index.lines()


def pages(count: int) -> list[str]:
    return [f"第{number}页说的是第{number}件事。\n{FOOTER}" for number in range(count)]


def test_furniture_goes_from_the_fourth_page_on(rules: Callable[..., RepeatedLineSettings]) -> None:
    found = after(pages(6), rules())
    assert [FOOTER in text for text in found] == [True] * 3 + [False] * 3
    assert found[5] == "第5页说的是第5件事。"


def test_a_line_that_few_documents_share_stays(rules: Callable[..., RepeatedLineSettings]) -> None:
    texts = [text for page in pages(6) for text in (page, "甲。\n乙。", "丙。\n丁。")]
    found = after(
        [f"{text}{n}" if "页说" not in text else text for n, text in enumerate(texts)], rules()
    )
    assert all(FOOTER in text for text in found if "页说" in text)


def test_furniture_is_counted_by_source(rules: Callable[..., RepeatedLineSettings]) -> None:
    assert after(pages(6), rules(), [0, 1, 0, 1, 0, 1]) == pages(6)


def test_a_paragraph_copied_once_goes_whatever_the_source(
    rules: Callable[..., RepeatedLineSettings],
) -> None:
    paragraph = "本公司对以上内容的真实性负责，并保留最终解释的权利。"
    texts = [f"甲文。\n\n{paragraph}\n\n续甲。", f"乙文。\n\n{paragraph}\n\n续乙。"]
    assert after(texts, rules(), [0, 1]) == [texts[0], "乙文。\n\n续乙。"]


def test_a_line_repeated_within_one_document_is_no_reason(
    rules: Callable[..., RepeatedLineSettings],
) -> None:
    text = "\n".join(["副歌在这里再唱一遍，唱给大家听一听吧吧吧。"] * 9)
    assert after([text], rules()) == [text]


def test_it_can_be_switched_off(rules: Callable[..., RepeatedLineSettings]) -> None:
    assert after(pages(9), rules(enabled=False)) == pages(9)


def test_a_document_of_little_but_repeated_lines_is_named(
    rules: Callable[..., RepeatedLineSettings],
) -> None:
    texts = [*pages(4), f"短。\n{FOOTER}", f"{'长文' * 20}。\n{FOOTER}"]
    lines = indexed(texts)
    gone = cut(lines, rules())
    assert mostly_repeated(lines, gone, rules(max_share=0.6)).tolist() == [4]
    assert mostly_repeated(lines, gone, rules(max_share=1.0)).tolist() == []


LINES = strategies.lists(
    strategies.lists(strategies.sampled_from(["甲。", "乙。", FOOTER, "", "丙" * 25]), min_size=2),
    max_size=12,
)


@settings(deadline=None, max_examples=150, derandomize=True, database=None)
@given(documents=LINES)
def test_later_documents_change_nothing_and_a_second_pass_neither(
    documents: list[list[str]], rules: Callable[..., RepeatedLineSettings]
) -> None:
    texts = ["\n".join(lines).strip("\n") for lines in documents]
    found = after(texts, rules())
    for end in range(len(texts)):
        assert after(texts[:end], rules()) == found[:end]
    assert after(found, rules()) == found
