"""The document record: the one table that travels from ingest to the tokenizer, as Parquet."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

BATCH_ROWS = 4096


@dataclass(frozen=True, slots=True)
class Document:
    """One document.

    id: hash of the text as it came in, so that provenance survives every cleaning rule.
    group, position: what must stay together and in order (a law and its articles, a book and its
        chapters); a lone document is its own group.
    origin: file and line, row or article it came from.
    arrival: number of the batch in which ingest first saw this text, from 1. Documents lie in the
        order of their arrival, so that what is decided about one never depends on later ones.
    """

    id: str
    text: str
    source: str
    domain: str
    group: str
    position: int
    date: date | None
    licence: str
    origin: str
    arrival: int


SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("text", pa.string()),
        ("source", pa.string()),
        ("domain", pa.string()),
        ("group", pa.string()),
        ("position", pa.int32()),
        ("date", pa.date32()),
        ("licence", pa.string()),
        ("origin", pa.string()),
        ("arrival", pa.int32()),
    ]
)


def content_id(text: str) -> str:
    """128 bits of SHA-256, in hexadecimal: no two texts of any corpus collide by chance."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def write_documents(path: Path, documents: Iterable[Document]) -> int:
    """Write `documents` in their order, holding at most one batch in memory; return how many."""
    count, rest = 0, iter(documents)
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        while batch := [asdict(document) for document in islice(rest, BATCH_ROWS)]:
            writer.write_batch(pa.RecordBatch.from_pylist(batch, schema=SCHEMA))
            count += len(batch)
    return count


def read_documents(path: Path) -> Iterator[Document]:
    """The documents of a file in their order, a batch at a time."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH_ROWS, columns=SCHEMA.names):
            yield from (Document(**row) for row in batch.to_pylist())


def read_table(path: Path, columns: list[str]) -> pa.Table:
    return pq.read_table(path, columns=columns)
