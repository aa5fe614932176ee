"""Running text as one document, or one a paragraph or line."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from xuxie.ingest.lines import lines
from xuxie.ingest.rows import Reject, Row, Rows
from xuxie.ingest.settings import IngestSettings, Limits


def prose(file: BinaryIO, start: int, name: str, settings: IngestSettings) -> Rows:
    """The documents of a UTF-8 text.

    Args:
        name: of the file; the group of its paragraphs.
    """
    match settings.text_unit:
        case "file":
            return whole(file, start, settings)
        case "line":
            return single(file, start, settings)
        case "paragraph":
            return paragraphs(file, start, name, settings)


def whole(file: BinaryIO, start: int, settings: IngestSettings) -> Rows:
    file.seek(start)
    limit = settings.limits.document_mib << 20
    content = file.read(limit + 1)
    if len(content) > limit:
        yield too_long(0, settings)
    else:
        yield Row(1, {settings.fields.text: content.decode()})


def single(file: BinaryIO, start: int, settings: IngestSettings) -> Rows:
    for line in lines(file, start, settings.limits.line_mib << 20):
        if line.content is None:
            yield Reject(line.number, "too_long", f"more than {settings.limits.line_mib} MiB")
        elif (text := line.content.decode()).strip():
            yield Row(line.number, {settings.fields.text: text})


def paragraphs(file: BinaryIO, start: int, name: str, settings: IngestSettings) -> Rows:
    """Lines up to a blank one; `place` is the first of them."""
    position = 0
    for place, text in runs(file, start, settings.limits):
        if text is None:
            yield too_long(place, settings)
            continue
        names = settings.fields
        row: dict[str, Any] = {names.text: text, names.group: name, names.position: position}
        yield Row(place, row)
        position += 1


def runs(file: BinaryIO, start: int, limits: Limits) -> Iterator[tuple[int, str | None]]:
    """First line and text of each run of lines that are not blank; None for a text too long."""
    limit = limits.document_mib << 20
    held: list[str] = []
    first, size = 0, 0
    for number, _, content in lines(file, start, limits.line_mib << 20):
        text = "…" if content is None else content.decode()
        if not text.strip():
            if size:
                yield first, "\n".join(held) if size <= limit else None
            held, size = [], 0
            continue
        first = first if size else number
        size += limit + 1 if content is None else len(content) + 1
        if size <= limit:
            held.append(text)
    if size:
        yield first, "\n".join(held) if size <= limit else None


def too_long(place: int, settings: IngestSettings) -> Reject:
    return Reject(place, "too_long", f"more than {settings.limits.document_mib} MiB")
