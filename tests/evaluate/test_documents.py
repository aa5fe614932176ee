"""Scores by document: what figures are made of, in the order of the split, without its texts."""

import math
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from conftest import Outputs
from xuxie.evaluate.documents import COLUMNS, by_document, write_scores
from xuxie.evaluate.score import Scores
from xuxie.evaluate.texts import read_texts
from xuxie.store.records import read_documents, write_documents

NAMES = "id source domain group date frozen characters bytes tokens bits right".split()


def test_a_row_is_of_its_document_in_the_order_of_the_split(
    outputs: Outputs, tmp_path: Path
) -> None:
    split, documents = tmp_path / "test.parquet", [*read_documents(outputs.splits / "test.parquet")]
    documents.reverse()
    write_documents(split, documents)
    texts = read_texts(split)
    assert texts.texts != [document.text for document in documents]
    lengths = np.array([len(text) for text in texts.texts])
    table = by_document(split, texts, Scores(lengths * 2.0, lengths, lengths // 2), frozen=True)
    assert table.schema.names == NAMES
    for row, document in zip(table.to_pylist(), documents, strict=True):
        length = len(document.text)
        assert [row[name] for name in NAMES[:5]] == [
            document.id,
            document.source,
            document.domain,
            document.group,
            document.date,
        ]
        assert row["frozen"] is True
        assert [row[name] for name in NAMES[6:]] == [
            length,
            len(document.text.encode()),
            length,
            2.0 * length / math.log(2),
            length // 2,
        ]


def test_the_fresh_test_follows_the_frozen_one(tmp_path: Path) -> None:
    def table(name: str, frozen: bool) -> "object":
        values = [name, "s", "d", "g", None, frozen, 1, 1, 1, 1.0, 0]
        return COLUMNS.empty_table().from_pylist([dict(zip(NAMES, values, strict=True))], COLUMNS)

    tables = {"val": table("v", False), "test": table("t", True), "fresh": table("f", False)}
    # A dict of str, where only the names of splits are declared.
    write_scores(tmp_path, tables)  # type: ignore[arg-type]
    assert pq.read_table(tmp_path / "val.parquet")["id"].to_pylist() == ["v"]
    read = pq.read_table(tmp_path / "test.parquet")
    assert read.schema == COLUMNS
    assert (read["id"].to_pylist(), read["frozen"].to_pylist()) == (["t", "f"], [True, False])
