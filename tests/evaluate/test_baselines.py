"""The baselines together: a compressor and counting, split by split and source by source."""

import math
import multiprocessing
import signal
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import corpus
from xuxie.evaluate import xz
from xuxie.evaluate.baselines import baselines, packing, within
from xuxie.evaluate.kneser_ney import KneserNey
from xuxie.evaluate.texts import ALL, Texts

TRAIN = corpus.reviews()[:150]
HELD_OUT = corpus.reviews()[150:160]
ARTICLES = corpus.articles("虚构河阳果园条例")


def split(texts: list[str], sources: list[str]) -> Texts:
    return Texts(texts, sources, np.arange(len(texts)))


PARTS = {
    "val": split(HELD_OUT, ["reviews"] * 10),
    "test": split([*HELD_OUT[:4], *ARTICLES], ["reviews"] * 4 + ["statutes"] * len(ARTICLES)),
}


def packed(train: list[str], texts: Mapping[str, list[str]]) -> dict[str, float]:
    with xz.started(train, texts) as answer:
        return answer()


def compared(train: list[str], parts: dict[str, Texts], order: int) -> Any:
    with packing(train, parts) as answer:
        return baselines(train, parts, order, answer)


@pytest.fixture(scope="module")
def tables() -> Any:
    return compared(TRAIN, PARTS, order=4)


def test_a_compressor_charges_more_for_what_it_has_not_read() -> None:
    names = {"read": TRAIN[:10], "new": HELD_OUT, "other": ARTICLES}
    bits = packed(TRAIN, names)
    assert 0 < bits["read"] < bits["new"]
    assert all(bits[name] < 8 * len("".join(texts).encode()) for name, texts in names.items())


def test_the_copies_write_what_the_compressor_writes_in_one_go() -> None:
    before = xz.joined(TRAIN)
    ends = {"articles": xz.joined(ARTICLES), "reviews": xz.joined(HELD_OUT), "nothing": b""}
    sizes = {}
    for name, end in ends.items():
        whole = xz.compressor_for(before, ends)
        sizes[name] = len(whole.compress(before + end) + whole.flush())
    expected = {name: 8.0 * (size - sizes["nothing"]) for name, size in sizes.items()}
    with xz.started(TRAIN, {"articles": ARTICLES, "reviews": HELD_OUT, "nothing": []}) as answer:
        assert answer() == expected


def test_the_work_on_the_training_text_is_done_before_the_copies_are_made() -> None:
    noise = np.random.default_rng(1).integers(0x4E00, 0x9FFF, 100_000)
    before = xz.joined(["".join(map(chr, noise))])
    compressor = xz.compressor_for(before, {})
    written = xz.read(compressor, before)
    (left,) = xz.in_copies(compressor, [b""])
    assert written > left


def test_a_compressor_whose_answer_nobody_waits_for_is_stopped() -> None:
    noise = "".join(map(chr, np.random.default_rng(1).integers(0x4E00, 0x9FFF, 3_000_000)))
    with xz.started([noise], {"a": ARTICLES}):
        (worker,) = multiprocessing.active_children()
    assert not worker.is_alive()
    assert worker.exitcode == -signal.SIGTERM


def test_the_compressor_remembers_the_beginning_of_a_long_training_text() -> None:
    noise = np.random.default_rng(1).integers(0x4E00, 0x9FFF, 200_000)
    bits = packed([*ARTICLES, "".join(map(chr, noise))], {"a": ARTICLES})
    assert bits["a"] < 0.1 * 8 * len("".join(ARTICLES).encode())


def test_there_is_a_figure_for_each_split_method_and_source(tables: Any) -> None:
    assert list(tables) == ["val", "test"]
    for part, names in (("val", {ALL, "reviews"}), ("test", {ALL, "reviews", "statutes"})):
        found = {method: set(table) for method, table in tables[part].items()}
        assert found == {"xz": names, "kneser_ney_4": names}


def test_figures_are_bits_over_characters(tables: Any) -> None:
    table = tables["test"]
    length = len("".join(ARTICLES))
    bits = packed(TRAIN, {"statutes": ARTICLES, "reviews": HELD_OUT[:4]})
    assert table["xz"]["statutes"] == pytest.approx(bits["statutes"] / length)
    assert table["xz"][ALL] == pytest.approx(
        sum(bits.values()) / (length + len("".join(HELD_OUT[:4])))
    )
    counted = KneserNey(TRAIN, 4).bits(ARTICLES).sum()
    assert table["kneser_ney_4"]["statutes"] == pytest.approx(counted / length)


def test_a_split_of_one_source_called_all_is_compressed_too() -> None:
    table = compared(TRAIN, {"test": split(HELD_OUT, [ALL] * 10)}, order=3)["test"]["xz"]
    assert table[ALL] > 0
    assert math.isclose(*table.values())


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (100, ["甲乙丙", "丁", "戊己"]),
        (6, ["甲乙丙", "丁", "戊己"]),
        (5, ["甲乙丙", "丁", "戊"]),
        (4, ["甲乙丙", "丁"]),
        (2, ["甲乙"]),
    ],
)
def test_baselines_read_at_most_so_many_characters(limit: int, expected: list[str]) -> None:
    assert within(["甲乙丙", "丁", "戊己"], limit) == expected
