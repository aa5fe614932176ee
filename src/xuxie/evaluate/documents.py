"""The score of every document, as a table of its own: what two models are compared by, in pairs."""

import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xuxie.evaluate.score import Scores
from xuxie.evaluate.texts import Texts
from xuxie.store.records import SCHEMA, read_table

# What a score says of its document; never its text.
KEPT = ("id", "source", "domain", "group", "date")
COLUMNS = pa.schema(
    [
        *(SCHEMA.field(name) for name in KEPT),
        ("frozen", pa.bool_()),
        ("characters", pa.int64()),
        ("bytes", pa.int64()),
        ("tokens", pa.int64()),
        ("bits", pa.float64()),
        ("right", pa.int64()),
    ]
)


def by_document(split: Path, texts: Texts, scores: Scores, *, frozen: bool) -> pa.Table:
    """A row for each document of the file `split`, in the file's order.

    Args:
        frozen: these documents stand in the frozen test set, to which none is ever added.
    """
    table = read_table(split, list(KEPT))
    order = np.argsort(texts.rows)
    columns = {
        "frozen": np.full(len(table), frozen),
        "characters": texts.characters()[order].astype(np.int64),
        "bytes": texts.bytes()[order].astype(np.int64),
        "tokens": scores.tokens[order],
        "bits": scores.nats[order] / math.log(2),
        "right": scores.right[order],
    }
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values))
    return table.cast(COLUMNS)


def write_scores(folder: Path, tables: dict[str, pa.Table]) -> None:
    """`val.parquet` and `test.parquet`: the frozen test set, then the fresh one."""
    for name, parts in {"val": ("val",), "test": ("test", "fresh")}.items():
        rows = pa.concat_tables(tables[part] for part in parts if part in tables)
        pq.write_table(rows, folder / f"{name}.parquet", compression="zstd")
