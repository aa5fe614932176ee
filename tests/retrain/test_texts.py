"""How much has come, and how far it is from what was there."""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from xuxie.retrain.due.drift import compared, sampled, told
from xuxie.retrain.due.texts import distance, new_text
from xuxie.store.records import read_table

SIGNS = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动"
OTHER = "证券电商法条例规定款项罚金期限登记备案审核主管部门责任赔偿诉讼仲裁协议合同签订"


def written(signs: str, number: int, length: int = 200) -> str:
    """A text of these signs, the earlier ones more often."""
    pick = random.Random(f"{signs}{number}")
    weights = [1 / (place + 1) for place in range(len(signs))]
    return "".join(pick.choices(signs, weights, k=length))


Write = Callable[..., Path]


@pytest.fixture
def old() -> list[tuple[str, str, int]]:
    return [(written(SIGNS, number), f"g{number}", 1) for number in range(60)]


def test_characters_and_documents_of_later_arrivals_are_counted(
    tmp_path: Path, write_kept: Write, old: list[tuple[str, str, int]]
) -> None:
    new = [("新的文本。", "n", 2), ("更新的。", "m", 3)]
    found = new_text(write_kept(tmp_path / "kept.parquet", [*old, *new]), 1)
    assert (found.documents, found.characters) == (2, 9)
    later = new_text(tmp_path / "kept.parquet", 2)
    assert (later.documents, later.characters) == (1, 4)
    none = new_text(tmp_path / "kept.parquet", 3)
    assert (none.documents, none.distance) == (0, 0.0)


def test_where_everything_is_new_there_is_nothing_to_be_far_from(
    tmp_path: Path, write_kept: Write, old: list[tuple[str, str, int]]
) -> None:
    found = new_text(write_kept(tmp_path / "kept.parquet", old), 0)
    assert (found.documents, found.distance, found.chance) == (60, 0.0, 0.0)


@pytest.mark.parametrize("count", [1, 5, 20])
def test_more_of_the_same_is_no_farther_than_chance(
    tmp_path: Path, write_kept: Write, old: list[tuple[str, str, int]], count: int
) -> None:
    new = [(written(SIGNS, 1000 + number), f"n{number}", 2) for number in range(count)]
    found = new_text(write_kept(tmp_path / "kept.parquet", [*old, *new]), 1)
    assert found.distance - found.chance < 0.05


@pytest.mark.parametrize("count", [1, 20])
def test_other_text_is_far_whatever_there_is_of_it(
    tmp_path: Path, write_kept: Write, old: list[tuple[str, str, int]], count: int
) -> None:
    new = [(written(OTHER, number), f"n{number}", 2) for number in range(count)]
    found = new_text(write_kept(tmp_path / "kept.parquet", [*old, *new]), 1)
    assert found.distance - found.chance > 0.5


def test_the_distance_is_that_of_jensen_and_shannon() -> None:
    # By hand: p = (1/2, 1/2, 0), q = (0, 1/2, 1/2): divergence 1/2 bit.
    one, other = np.array([3, 3, 0]), np.array([0, 5, 5])
    assert distance(one, other) == pytest.approx(0.5**0.5)
    assert distance(one, one * 7) == 0.0
    assert distance(np.array([1, 0]), np.array([0, 1])) == pytest.approx(1.0)


def test_a_sample_is_of_whole_groups_and_in_order(
    tmp_path: Path, write_kept: Write, old: list[tuple[str, str, int]]
) -> None:
    rows = [(text, f"g{number // 3}", 1) for number, (text, _, _) in enumerate(old)]
    columns = ["text", "source", "group", "position", "arrival"]
    table = read_table(write_kept(tmp_path / "kept.parquet", rows), columns)
    found = sampled(table, 1000)
    assert sum(map(len, found.texts)) == 1000
    assert (np.diff(found.groups) >= 0).all()
    assert len(sampled(table, 10**9).texts) == 60
    assert sampled(table.slice(0, 0), 10).texts == []


def test_errors_of_two_scores_are_added_as_independent_ones() -> None:
    found = compared((4.0, 3.7, 4.3), (3.0, 2.6, 3.4))
    assert (found.low, found.high) == (pytest.approx(0.5), pytest.approx(1.5))
    assert told(found)["new"] == 4.0
    assert told(compared((4.0, -np.inf, np.inf), (3.0, 2.9, 3.1))) == {}
