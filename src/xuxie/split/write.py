"""Writes every document to the file of its part, in the order of arrival, in one pass."""

from contextlib import ExitStack
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xuxie.clean.duplicates.candidates import Places
from xuxie.split.decide import Decision
from xuxie.split.kept import batches
from xuxie.split.strata import PARTS, Strata
from xuxie.store.records import BATCH_ROWS, SCHEMA

# The record, why it was set aside, and the document across the wall.
ASIDE_SCHEMA = SCHEMA.append(pa.field("reason", pa.string())).append(pa.field("near", pa.string()))
# Text that waits for a row group to fill.
GROUP_BYTES = 1 << 25


class PartFile:
    """A Parquet file that gathers small batches into row groups."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path, self.schema = path, schema
        self.waiting: list[pa.RecordBatch] = []

    def __enter__(self) -> Self:
        self.file = pq.ParquetWriter(self.path, self.schema, compression="zstd")
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()
        self.file.close()

    def add(self, batch: pa.RecordBatch) -> None:
        self.waiting.append(batch)
        rows = sum(len(some) for some in self.waiting)
        if rows >= BATCH_ROWS or sum(some.nbytes for some in self.waiting) >= GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        if self.waiting:
            self.file.write_table(pa.Table.from_batches(self.waiting, self.schema))
            self.waiting = []


def write(kept: Path, folder: Path, decision: Decision) -> Strata:
    """Write the files of all parts; return what went where."""
    strata, begin = Strata(), 0
    wanted = {other for _, other in decision.aside.values()}
    ids: dict[int, str] = {}
    with ExitStack() as stack:
        files = [stack.enter_context(part_file(folder, part)) for part in PARTS]
        for batch in batches(kept, SCHEMA.names):
            here = decision.labels[begin : begin + len(batch)]
            strata.add([PARTS[label] for label in here], batch.to_pydict())
            inside = range(begin, begin + len(batch))
            ids |= {place: batch["id"][place - begin].as_py() for place in wanted & {*inside}}
            for label in np.unique(here).tolist():
                chosen = np.flatnonzero(here == label)
                rows = batch.filter(pa.array(here == label))
                if PARTS[label] == "aside":
                    rows = with_reasons(rows, chosen + begin, decision, ids)
                files[label].add(rows)
            begin += len(batch)
    return strata


def part_file(folder: Path, part: str) -> PartFile:
    return PartFile(folder / f"{part}.parquet", ASIDE_SCHEMA if part == "aside" else SCHEMA)


def with_reasons(
    rows: pa.RecordBatch, places: Places, decision: Decision, ids: dict[int, str]
) -> pa.RecordBatch:
    """Args: ids: of the documents across the wall, which lie before these."""
    found = [decision.aside[place] for place in places.tolist()]
    columns = [
        pa.array([reason.value for reason, _ in found], pa.string()),
        pa.array([ids[other] for _, other in found], pa.string()),
    ]
    return pa.RecordBatch.from_arrays([*rows.columns, *columns], schema=ASIDE_SCHEMA)
