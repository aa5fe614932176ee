"""CSV and TSV with a header, and Parquet. Every cell is text; nothing in it is ever a formula."""

import csv
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from xuxie.errors import first_line
from xuxie.ingest.lines import lines
from xuxie.ingest.rows import Reject, Row, Rows, Unreadable
from xuxie.ingest.settings import Fields, IngestSettings, Limits

if TYPE_CHECKING:
    import _csv

DELIMITERS = {".csv": ",", ".tsv": "\t"}
# Decoded at once: a column that repeats one long text is small in the file.
PARQUET_ROWS = 256


def delimited(file: BinaryIO, start: int, kind: str, settings: IngestSettings) -> Rows:
    """Rows keep their quoted line breaks; `place` is the line on which a row ends."""
    csv.field_size_limit(settings.limits.line_mib << 20)
    reader = csv.reader(
        text_lines(file, start, settings.limits), delimiter=DELIMITERS[kind], strict=True
    )
    # line_num stays at the last whole row: the broken one begins behind it.
    try:
        header = next(reader, [])
        yield from checked(reader, header, settings.fields.text)
    except csv.Error as error:
        long = "field larger" in str(error)
        yield Reject(
            reader.line_num + (not long), "too_long" if long else "broken_csv", first_line(error)
        )
    except Unreadable as error:
        yield error.reject


def checked(reader: "_csv.Reader", header: list[str], text_field: str) -> Rows:
    if (problem := missing(header, text_field)) is not None:
        yield problem
        return
    if len(set(header)) < len(header):
        yield Reject(1, "broken_csv", "a column name stands twice")
        return
    for cells in reader:
        if not cells:
            continue
        if len(cells) != len(header):
            yield Reject(reader.line_num, "broken_csv", "wrong number of columns")
        else:
            yield Row(reader.line_num, dict(zip(header, cells, strict=True)))


def text_lines(file: BinaryIO, start: int, limits: Limits) -> Iterator[str]:
    for number, offset, line in lines(file, start, limits.line_mib << 20):
        if line is None:
            # Quotes may run over lines: behind a lost one nobody knows where a row begins.
            detail = f"more than {limits.line_mib} MiB; the rest is not read"
            raise Unreadable("too_long", detail, number, offset)
        yield line.decode() + "\n"


def parquet(file: BinaryIO, size: int, settings: IngestSettings) -> Rows:
    with pq.ParquetFile(pa.PythonFile(file, mode="r")) as source:
        names = source.schema_arrow.names
        if (problem := missing(names, settings.fields.text)) is not None:
            yield problem
            return
        wanted = [name for name in names if name in mapped(settings.fields)]
        number, limits = 0, settings.limits
        unpacked, allowed = 0, max(1 << 20, min(limits.unpacked_mib << 20, limits.ratio * size))
        for batch in source.iter_batches(PARQUET_ROWS, columns=wanted):
            unpacked += batch.nbytes
            if unpacked > allowed:
                raise Unreadable("bomb", f"more than {allowed} bytes", number)
            for row in batch.to_pylist():
                number += 1
                yield Row(number, row)


def mapped(fields: Fields) -> set[str]:
    return set(fields.model_dump().values())


def missing(columns: list[str], text_field: str) -> Reject | None:
    if text_field in columns:
        return None
    return Reject(0, "missing_field", f"{text_field!r} not in {', '.join(columns) or 'no columns'}")
