"""Documents in any order of arrival -> one Parquet file in that order, in bounded memory."""

from collections import defaultdict
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from xuxie.store.records import BATCH_ROWS, SCHEMA

# What waits in memory, over all arrivals.
HELD_BYTES = 32 << 20
SMALL_SETS = ["source", "domain", "licence"]


class Spool:
    """Takes batches in the order of paths; gives them by arrival, each in the order it came.

    Arrivals may be many (one a day), so that all lie in one scratch file, a piece after another.
    """

    def __init__(self, scratch: BinaryIO) -> None:
        self.file = scratch
        self.held: dict[int, list[pa.RecordBatch]] = defaultdict(list)
        self.bytes = 0
        self.pieces: dict[int, list[tuple[int, int]]] = defaultdict(list)

    def add(self, documents: pa.RecordBatch, arrivals: NDArray[np.int32]) -> None:
        """
        Args:
            documents: without the column of arrivals.
        """
        numbered = documents.append_column(SCHEMA.field("arrival"), pa.array(arrivals))
        for arrival in np.unique(arrivals):
            chosen = arrivals == arrival
            part = numbered if chosen.all() else numbered.filter(pa.array(chosen))
            self.held[int(arrival)].append(part)
        self.bytes += numbered.nbytes
        if self.bytes > HELD_BYTES:
            self.flush()

    def flush(self) -> None:
        for arrival, batches in sorted(self.held.items()):
            start = self.file.tell()
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            with pa.ipc.new_stream(self.file, SCHEMA, options=options) as writer:
                writer.write_table(pa.Table.from_batches(batches).combine_chunks())
            self.pieces[arrival].append((start, self.file.tell() - start))
        self.held.clear()
        self.bytes = 0

    def write(self, path: Path) -> None:
        """The Parquet file; a row group never mixes arrivals."""
        self.flush()
        with pq.ParquetWriter(
            path, SCHEMA, compression="zstd", use_dictionary=SMALL_SETS
        ) as writer:
            for arrival in sorted(self.pieces):
                for start, size in self.pieces[arrival]:
                    self.file.seek(start)
                    with pa.ipc.open_stream(self.file.read(size)) as reader:
                        table = reader.read_all().combine_chunks()
                    writer.write_table(table, row_group_size=BATCH_ROWS)


def characters(documents: pa.RecordBatch) -> dict[str, tuple[int, int]]:
    """Documents and characters of each source."""
    lengths = pc.utf8_length(documents["text"])
    table = pa.table({"source": documents["source"], "length": lengths})
    sums = table.group_by("source").aggregate([("length", "sum"), ("length", "count")])
    return {row["source"]: (row["length_count"], row["length_sum"]) for row in sums.to_pylist()}
