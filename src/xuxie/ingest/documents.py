"""A file's row -> the fields of a document record, or the reason why not. Pure.

Tuples instead of `Document`: a dataclass a row cost as much as reading the row did.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

import pyarrow as pa

from xuxie.errors import first_line
from xuxie.ingest.rows import Reject, Row, cut
from xuxie.ingest.settings import IngestSettings
from xuxie.store.records import SCHEMA, content_id

# A file's documents know nothing of the corpus: their arrival is added later.
COLUMNS = pa.schema([field for field in SCHEMA if field.name != "arrival"])


class Fields(NamedTuple):
    """A document but for its arrival, in the order of COLUMNS."""

    id: str
    text: str
    source: str
    domain: str
    group: str
    position: int
    date: date | None
    licence: str
    origin: str


def document(row: Row, name: str, settings: IngestSettings) -> Fields | Reject | None:
    """The document of `row`; None if its text is blank.

    Args:
        name: of the file below the raw folder; its first part names the source of rows that
            name none.
    """
    names, values = settings.fields, row.fields
    if names.text not in values:
        present = ", ".join(map(str, values)) or "no fields"
        return Reject(row.place, "missing_field", f"{names.text!r} not in {present}")
    try:
        text = string(values, names.text)
        if not text or text.isspace():
            return None
        if len(text) > settings.limits.document_mib << 20:
            return Reject(row.place, "too_long", f"{len(text)} characters")
        identifier = content_id(text)
        return Fields(
            identifier,
            text,
            string(values, names.source) or source_of(name),
            string(values, names.domain),
            string(values, names.group) or identifier,
            whole_number(values, names.position),
            day(values, names.date),
            string(values, names.licence) or settings.licence,
            f"{name}:{row.place}",
        )
    except (TypeError, ValueError) as error:
        return Reject(row.place, "wrong_type", first_line(error))


def source_of(name: str) -> str:
    return name.partition("/")[0].partition(".")[0]


def string(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError(f"{name} is {type(value).__name__}, not text")
    value.encode()  # refuses lone surrogates, which JSON lets through and no file can hold
    return value


def whole_number(row: Mapping[str, Any], name: str) -> int:
    value = row.get(name)
    number = int(value) if isinstance(value, str) and value else value
    if number is None or number == "":
        return 0
    if not isinstance(number, int) or isinstance(number, bool) or not -(2**31) <= number < 2**31:
        raise TypeError(f"{name} = {cut(repr(value))} is not a whole number of 32 bits")
    return number


def day(row: Mapping[str, Any], name: str) -> date | None:
    """A date from ISO 8601 text (a time after it is dropped) or from a typed column."""
    value = row.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    raise TypeError(f"{name} = {cut(repr(value))} is not a date such as 2026-08-28")
