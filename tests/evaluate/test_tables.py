"""Scores of documents as figures by source."""

import math
from datetime import date

import numpy as np
import pytest

from xuxie.evaluate.score import Scores
from xuxie.evaluate.settings import Bootstrap
from xuxie.evaluate.tables import divisions, figures, per_character
from xuxie.evaluate.texts import ALL, Texts

BOOTSTRAP = Bootstrap(resamples=200, confidence=0.9, seed=1)
TEXTS = Texts(["春天来了", "abc", "雨🌧"], ["诗", "码", "诗"], np.array([0, 1, 2]))
SCORES = Scores(np.array([8.0, 6.0, 1.0]), np.array([4, 3, 2]), np.array([1, 0, 2]))
TABLE = figures(SCORES, TEXTS, BOOTSTRAP)
MEMBERS = [(ALL, [0, 1, 2]), ("诗", [0, 2]), ("码", [1])]


def test_there_is_a_row_for_all_and_one_for_each_source() -> None:
    assert list(TABLE) == [ALL, "码", "诗"]


@pytest.mark.parametrize(("name", "members"), MEMBERS)
def test_rows_follow_from_the_sums_of_their_documents(name: str, members: list[int]) -> None:
    nats, tokens = SCORES.nats[members].sum(), SCORES.tokens[members].sum()
    texts = "".join(TEXTS.texts[place] for place in members)
    row = TABLE[name]
    assert (row["documents"], row["characters"]) == (len(members), len(texts))
    assert row["cross_entropy"] == pytest.approx(nats / tokens)
    assert row["token_perplexity"] == pytest.approx(math.exp(row["cross_entropy"]))
    assert row["next_token_accuracy"] == pytest.approx(SCORES.right[members].sum() / tokens)
    assert row["bits_per_character"] == pytest.approx(nats / math.log(2) / len(texts))
    assert row["bits_per_byte"] == pytest.approx(nats / math.log(2) / len(texts.encode()))


@pytest.mark.parametrize(("name", "members"), MEMBERS)
def test_the_interval_holds_the_figure(name: str, members: list[int]) -> None:
    row = TABLE[name]
    low, high = row["bits_per_character_low"], row["bits_per_character_high"]
    assert low <= row["bits_per_character"] + 1e-12
    assert row["bits_per_character"] <= high + 1e-12
    assert (low < high) is (len(members) > 1)


def test_bits_per_character_of_a_baseline() -> None:
    table = per_character(np.array([4.0, 9.0, 2.0]), TEXTS)
    assert table == pytest.approx({ALL: 15 / 9, "码": 3.0, "诗": 1.0})


def test_a_source_may_be_called_all() -> None:
    """As that of documents from a file `all.jsonl` is."""
    texts = Texts(["春天", "夏天来了"], [ALL, "诗"], np.array([0, 1]))
    table = per_character(np.array([2.0, 8.0]), texts)
    assert table[ALL] == pytest.approx(10 / 6)
    assert sorted(table.values()) == pytest.approx([1.0, 10 / 6, 2.0])


def test_every_division_adds_up_to_the_whole() -> None:
    random = np.random.default_rng(1)
    texts = Texts(
        ["字" * int(length) for length in random.integers(5, 50, 60)],
        ["法", "评", "评"] * 20,
        np.arange(60) // 2,
        ["甲", "乙", "丙", "丙"] * 15,
        [date(2000 + place % 3, 1, 1) for place in range(60)],
    )
    tokens = random.integers(2, 40, 60)
    found = divisions(Scores(tokens * random.random(60), tokens, tokens // 3), texts, BOOTSTRAP)
    whole = found["sources"][ALL]
    for table in found.values():
        rows = [row for name, row in table.items() if name != ALL]
        assert len(rows) > 1
        assert sum(row["documents"] for row in rows) == whole["documents"]
        for name, size in (("bits_per_character", 1), ("bits_per_byte", 3)):
            bits = sum(row[name] * row["characters"] * size for row in rows)
            assert bits / whole["characters"] / size == pytest.approx(whole[name])
            assert all(row[f"{name}_low"] <= row[name] <= row[f"{name}_high"] for row in rows)
