"""Only the same text, scored by all, is compared."""

import numpy as np
import pyarrow as pa
import pytest

from planted_scores import scores
from xuxie.compare.documents import in_common
from xuxie.errors import Refusal


def shuffled(table: pa.Table) -> pa.Table:
    return table.take(np.random.default_rng(1).permutation(len(table)))


def test_documents_meet_whatever_their_order() -> None:
    table = scores(seed=1)
    common, counts = in_common([table, shuffled(table)])
    assert counts.common == len(table)
    assert (common.bits[0] == common.bits[1]).all()


def test_what_only_one_scored_is_left_out_and_counted() -> None:
    table = scores(seed=1)
    common, counts = in_common([table.slice(0, 100), shuffled(table.slice(40))])
    assert counts.each == [100, len(table) - 40]
    assert counts.common == common.bits.shape[1] == 60


def test_a_document_cleaned_to_another_text_is_not_the_same() -> None:
    table = scores(seed=1)
    characters = table["characters"].to_numpy().copy()
    characters[:7] += 1
    other = table.set_column(table.column_names.index("characters"), "characters", [characters])
    _, counts = in_common([table, other])
    assert (counts.common, counts.different) == (len(table) - 7, 7)


def test_nothing_in_common_is_refused_with_counts() -> None:
    table = scores(seed=1)
    with pytest.raises(Refusal, match=r"各有 10 / 20 篇.*10 / 20 each"):
        in_common([table.slice(0, 10), table.slice(10, 20)])


def test_what_came_later_is_a_part_of_its_own() -> None:
    table = scores(seed=1)
    frozen = np.arange(len(table)) < 900
    other = table.set_column(table.column_names.index("frozen"), "frozen", [frozen])
    common, _ = in_common([other, other])
    assert list(common.slices()) == ["all", "frozen", "fresh", "reviews", "statutes"]
    assert common.slices()["frozen"].sum() == 900


def test_one_source_needs_no_table_of_sources() -> None:
    common, _ = in_common([scores(seed=1, laws=0)] * 2)
    assert list(common.slices()) == ["all"]
