"""Third pass: what stays and what goes, written in the order of arrival."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xuxie.clean.duplicates.leaders import NONE
from xuxie.clean.examine import Examined
from xuxie.store.records import SCHEMA

REMOVED = SCHEMA.append(pa.field("reason", pa.string())).append(
    pa.field("duplicate_of", pa.string())
)
# Documents in a row group: fixed, so that the bytes do not depend on how the engine cuts its work.
ROWS = 1024


def divide(examined: Examined, folder: Path) -> None:
    """Write kept.parquet and removed.parquet."""
    with ExitStack() as stack:
        kept, removed = (
            stack.enter_context(pq.ParquetWriter(folder / name, schema, compression="zstd"))
            for name, schema in (("kept.parquet", SCHEMA), ("removed.parquet", REMOVED))
        )
        first = 0
        for table in regrouped(examined.path):
            here = slice(first, first + len(table))
            goes = examined.reasons[here] != 0
            kept.write_table(table.filter(pa.array(~goes)))
            if goes.any():
                removed.write_table(with_reasons(table, examined, here).filter(pa.array(goes)))
            first += len(table)


def regrouped(path: Path) -> Iterator[pa.Table]:
    """The file's rows in tables of ROWS, whatever its own row groups are."""
    waiting: list[pa.Table] = []
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            waiting.append(file.read_row_group(number))
            while sum(map(len, waiting)) >= ROWS:
                together = pa.concat_tables(waiting)
                yield together.slice(0, ROWS).combine_chunks()
                waiting = [together.slice(ROWS)]
    if rest := pa.concat_tables(waiting) if waiting else None:
        yield rest.combine_chunks()


def with_reasons(table: pa.Table, examined: Examined, here: slice) -> pa.Table:
    names = np.array(examined.reason_names, dtype=object)[examined.reasons[here]]
    leaders = [
        "" if leader == NONE else bytes(examined.ids[leader]).hex()
        for leader in examined.leaders[here]
    ]
    return table.append_column(REMOVED.field("reason"), pa.array(names, pa.string())).append_column(
        REMOVED.field("duplicate_of"), pa.array(leaders, pa.string())
    )
