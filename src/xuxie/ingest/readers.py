"""One reader a format: a file's rows, each a mapping of fields or the reason why it is none."""

import csv
import io
import json
import re
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from xuxie.errors import first_line
from xuxie.ingest.files import first_invalid_byte, format_of, lines, opened, text_of, text_stream
from xuxie.ingest.settings import IngestSettings


@dataclass(frozen=True)
class Row:
    """A record of a file as it stands there; `place` is its line, row or paragraph from 1."""

    place: int
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Reject:
    """What could not be read: where (0 for the whole file), a reason from REASONS, the detail."""

    place: int
    reason: str
    detail: str


REASONS = {
    "not_utf8": ("不是 UTF-8，请先转换编码", "is not UTF-8; convert it first"),
    "broken_json": ("不是合法的 JSON 对象", "is not a valid JSON object"),
    "broken_csv": ("不是合法的 CSV", "is not valid CSV"),
    "broken_file": ("文件已损坏", "is damaged"),
    "missing_field": (
        "缺少正文字段，可用 ingest.fields.text 指定",
        "has no text field; name it in ingest.fields.text",
    ),
    "wrong_type": ("字段类型不对", "has a field of the wrong type"),
}

Reader = Iterator[Row | Reject]


def rows(path: Path, name: str, settings: IngestSettings) -> Reader:
    """Every row of `path`; whatever is wrong with the file becomes a Reject, never an exception.

    Args:
        name: of the file below the raw folder; the group of its paragraphs.
    """
    kind = format_of(path)
    readers: dict[str, Callable[[], Reader]] = {
        ".jsonl": lambda: jsonl(path),
        ".csv": lambda: table(path, settings.fields.text),
        ".parquet": lambda: parquet(path, settings.fields.text),
    }
    read = readers.get(kind, lambda: prose(path, name, settings))
    try:
        if kind in (".txt", ".md", ".csv") and (offset := first_invalid_byte(path)) is not None:
            yield Reject(0, "not_utf8", f"byte {offset}")
        else:
            yield from read()
    except (EOFError, zlib.error, pa.ArrowInvalid) as error:
        yield Reject(0, "broken_file", first_line(error))
    except OSError as error:
        if error.errno is not None:
            raise
        yield Reject(0, "broken_file", first_line(error))


def prose(path: Path, name: str, settings: IngestSettings) -> Reader:
    """A .txt or .md file as one document, or one a paragraph or line."""
    text = text_of(path)
    if settings.text_unit == "file":
        yield Row(1, {settings.fields.text: text})
        return
    parts = text.split("\n") if settings.text_unit == "line" else re.split(r"\n[^\S\n]*\n", text)
    for number, part in enumerate(parts, 1):
        if part.strip():
            row: dict[str, Any] = {settings.fields.text: part}
            if settings.text_unit == "paragraph":
                row |= {
                    settings.fields.group: name,
                    settings.fields.position: number - 1,
                }
            yield Row(number, row)


def jsonl(path: Path) -> Reader:
    for number, offset, line in lines(path):
        if not line.strip():
            continue
        try:
            value = json.loads(line.decode(), parse_constant=refuse_constant)
        except UnicodeDecodeError as error:
            yield Reject(number, "not_utf8", f"byte {offset + error.start}")
        except (ValueError, RecursionError) as error:
            yield Reject(number, "broken_json", first_line(error))
        else:
            is_object = isinstance(value, dict)
            yield Row(number, value) if is_object else Reject(number, "broken_json", "no object")


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def table(path: Path, text_field: str) -> Reader:
    """A CSV file with a header. Rows keep their quoted line breaks; `place` is a line number."""
    csv.field_size_limit(sys.maxsize)
    with text_stream(path) as file:
        reader = csv.DictReader(file, strict=True)
        try:
            if (problem := missing(list(reader.fieldnames or []), text_field)) is not None:
                yield problem
                return
            for row in reader:
                short = None in row or None in row.values()
                yield (
                    Reject(reader.line_num, "broken_csv", "wrong number of columns")
                    if short
                    else Row(reader.line_num, row)
                )
        except csv.Error as error:
            # line_num stays at the last whole row: the broken one begins behind it.
            yield Reject(reader.line_num + 1, "broken_csv", first_line(error))


def parquet(path: Path, text_field: str) -> Reader:
    with pq.ParquetFile(unpacked(path)) as source:
        if (problem := missing(source.schema_arrow.names, text_field)) is not None:
            yield problem
            return
        number = 0
        for batch in source.iter_batches():
            for row in batch.to_pylist():
                number += 1
                yield Row(number, row)


def unpacked(path: Path) -> Path | io.BytesIO:
    """Parquet needs to seek, which a gzip stream does slowly: unpack it into memory."""
    if path.suffix.lower() != ".gz":
        return path
    with opened(path) as file:
        return io.BytesIO(file.read())


def missing(columns: list[str], text_field: str) -> Reject | None:
    if text_field in columns:
        return None
    return Reject(0, "missing_field", f"{text_field!r} not in {', '.join(columns) or 'no columns'}")
