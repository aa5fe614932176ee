"""A file's row -> a document record, or the reason why not. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from xuxie.errors import first_line
from xuxie.ingest.readers import Reject, Row
from xuxie.ingest.settings import IngestSettings
from xuxie.store.records import Document, content_id


def document(row: Row, file: PurePath, settings: IngestSettings) -> Document | Reject:
    """The document of `row`.

    Args:
        file: path below the raw folder; its first part names the source of rows that name none.
    """
    fields = settings.fields
    if fields.text not in row.fields:
        detail = f"{fields.text!r} not in {', '.join(map(str, row.fields)) or 'no fields'}"
        return Reject(row.place, "missing_field", detail)
    try:
        text = string(row.fields, fields.text)
        identifier = content_id(text)
        return Document(
            id=identifier,
            text=text,
            source=string(row.fields, fields.source) or file.parts[0].partition(".")[0],
            domain=string(row.fields, fields.domain),
            group=string(row.fields, fields.group) or identifier,
            position=whole_number(row.fields, fields.position),
            date=day(row.fields, fields.date),
            licence=string(row.fields, fields.licence) or settings.licence,
            origin=f"{file.as_posix()}:{row.place}",
        )
    except (TypeError, ValueError) as error:
        return Reject(row.place, "wrong_type", first_line(error))


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
        raise TypeError(f"{name} = {value!r} is not a whole number of 32 bits")
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
    raise TypeError(f"{name} = {value!r} is not a date such as 2026-08-28")
