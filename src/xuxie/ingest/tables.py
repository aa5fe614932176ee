"""CSV and TSV with a header, and Parquet. Every cell is text; nothing in it is ever a formula."""

import _csv
import csv
from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from xuxie.errors import first_line
from xuxie.ingest.lines import lines
from xuxie.ingest.rows import Reject, Row, Rows, Unreadable
from xuxie.ingest.settings import Fields, IngestSettings, Limits

DELIMITERS = {".csv": ",", ".tsv": "\t"}
# Decoded at once: a column that repeats one long text is small in the file.
PARQUET_ROWS = 256


def delimited(file: BinaryIO, start: int, kind: str, settings: IngestSettings) -> Rows:
    """Rows keep their quoted line breaks; `place` is the line on which a row ends."""
    csv.field_size_limit(settings.limits.line_mib << 20)
    reader = csv.reader(
        text_lines(file, start, settings.limits), delimiter=DELIMITERS[kind], strict=True
    )
    whole = WholeRows(reader)
    try:
        header = next(whole, [])
        yield from checked(whole, header, settings.fields.text)
    except csv.Error as error:
        reason = "too_long" if "field larger" in str(error) else "broken_csv"
        yield Reject(whole.line_num + 1, reason, first_line(error))
    except Unreadable as error:
        yield error.reject


class WholeRows(Iterator[list[str]]):
    """The rows of `reader`; `line_num` is the line on which the last whole one ended.

    The reader's own number runs ahead into a row that breaks, and a quote that never ends runs to
    the end of the file: its row begins behind the last whole one.
    """

    def __init__(self, reader: _csv.Reader) -> None:
        self.reader, self.line_num = reader, 0

    def __next__(self) -> list[str]:
        row = next(self.reader)
        self.line_num = self.reader.line_num
        return row


def checked(reader: WholeRows, header: list[str], text_field: str) -> Rows:
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
        unpacked, allowed = 0, limits.unpacked(size)
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
