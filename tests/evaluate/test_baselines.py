"""The baselines together: a compressor and counting, split by split and source by source."""

import math

import numpy as np
import pytest

import corpus
from xuxie.evaluate import xz
from xuxie.evaluate.baselines import baselines, within
from xuxie.evaluate.kneser_ney import KneserNey
from xuxie.evaluate.tables import ALL, Texts

TRAIN = corpus.reviews()[:150]
HELD_OUT = corpus.reviews()[150:160]
ARTICLES = corpus.articles("虚构河阳果园条例")


def split(texts: list[str], sources: list[str]) -> Texts:
    return Texts(texts, sources, np.arange(len(texts)))


PARTS = {
    "val": split(HELD_OUT, ["reviews"] * 10),
    "test": split([*HELD_OUT[:4], *ARTICLES], ["reviews"] * 4 + ["statutes"] * len(ARTICLES)),
}


def test_a_compressor_charges_more_for_what_it_has_not_read() -> None:
    names = {"read": TRAIN[:10], "new": HELD_OUT, "other": ARTICLES}
    bits = xz.bits(TRAIN, names)
    assert 0 < bits["read"] < bits["new"]
    assert all(bits[name] < 8 * len("".join(texts).encode()) for name, texts in names.items())


def test_a_compressor_is_deterministic_and_scores_each_list_alone() -> None:
    together = xz.bits(TRAIN, {"a": HELD_OUT, "b": ARTICLES})
    assert together == xz.bits(TRAIN, {"b": ARTICLES}) | xz.bits(TRAIN, {"a": HELD_OUT})


def test_the_compressor_remembers_the_beginning_of_a_long_training_text() -> None:
    noise = np.random.default_rng(1).integers(0x4E00, 0x9FFF, 200_000)
    bits = xz.bits([*ARTICLES, "".join(map(chr, noise))], {"a": ARTICLES})
    assert bits["a"] < 0.1 * 8 * len("".join(ARTICLES).encode())


def test_there_is_a_figure_for_each_split_method_and_source() -> None:
    tables = baselines(TRAIN, PARTS, order=4)
    assert list(tables) == ["val", "test"]
    for part, names in (("val", {ALL, "reviews"}), ("test", {ALL, "reviews", "statutes"})):
        found = {method: set(table) for method, table in tables[part].items()}
        assert found == {"xz": names, "kneser_ney_4": names}


def test_figures_are_bits_over_characters() -> None:
    table = baselines(TRAIN, PARTS, order=4)["test"]
    length = len("".join(ARTICLES))
    packed = xz.bits(TRAIN, {"statutes": ARTICLES, "reviews": HELD_OUT[:4]})
    assert table["xz"]["statutes"] == pytest.approx(packed["statutes"] / length)
    assert table["xz"][ALL] == pytest.approx(
        sum(packed.values()) / (length + len("".join(HELD_OUT[:4])))
    )
    counted = KneserNey(TRAIN, 4).bits(ARTICLES).sum()
    assert table["kneser_ney_4"]["statutes"] == pytest.approx(counted / length)


def test_a_split_of_one_source_called_all_is_compressed_too() -> None:
    table = baselines(TRAIN, {"test": split(HELD_OUT, [ALL] * 10)}, order=3)["test"]["xz"]
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
