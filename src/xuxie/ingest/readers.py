"""The rows of one file, whatever its format and encoding; what is wrong becomes a Reject."""

import errno
import io
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from xuxie.errors import first_line
from xuxie.ingest.encoding import Verdict, decoded, judge
from xuxie.ingest.formats import matches
from xuxie.ingest.jsonl import jsonl
from xuxie.ingest.lines import lines
from xuxie.ingest.office import pdf_pages, word_text
from xuxie.ingest.prose import prose
from xuxie.ingest.rows import Reject, Row, Rows, Unreadable
from xuxie.ingest.settings import IngestSettings
from xuxie.ingest.tables import DELIMITERS, delimited, parquet
from xuxie.ingest.web import HEAD, declared_charset, visible_text

# What a parser may make of forged offsets: it seeks before the start, or asks for too much.
DAMAGE = {errno.EINVAL, errno.EOVERFLOW}
IN_MEMORY = 8 << 20


def rows(
    name: str,
    kind: str,
    file: BinaryIO,
    settings: IngestSettings,
    scratch: Path,
    notes: "Counter[str]",
) -> Rows:
    """Every row of `file`.

    Args:
        name: below the raw folder, as it is shown; the group of its paragraphs.
        notes: counts encodings, byte order marks and pages without text.
    """
    try:
        with as_utf8(name, kind, file, settings, scratch, notes) as (content, start):
            found = parsed(name, kind, content, start, settings, notes)
            # Offsets in a converted text are not those of the file.
            yield from found if content is file else map(without_byte, found)
    except Exception as error:
        yield damage(error)


def without_byte(row: Row | Reject) -> Row | Reject:
    return row._replace(byte=None) if isinstance(row, Reject) else row


def damage(error: Exception) -> Reject:
    """The error of a parser as a Reject; a failing disk is none.

    Any exception: the parsers are other people's, and forged files bring out KeyError, TypeError
    or RecursionError in them.
    """
    if isinstance(error, Unreadable):
        return error.reject
    if isinstance(error, OSError) and error.errno is not None and error.errno not in DAMAGE:
        raise error
    return Reject(0, "broken_file", first_line(error))


def size_of(file: BinaryIO) -> int:
    return file.seek(0, io.SEEK_END)


@contextmanager
def as_utf8(
    name: str,
    kind: str,
    file: BinaryIO,
    settings: IngestSettings,
    scratch: Path,
    notes: "Counter[str]",
) -> Iterator[tuple[BinaryIO, int]]:
    """The file as UTF-8, and where its text begins. Binary formats stay as they are."""
    if kind in (".docx", ".pdf", ".parquet"):
        file.seek(0)
        yield file, 0
        return
    verdict = encoding_of(name, kind, file, settings)
    notes[f"encoding/{verdict.encoding}"] += 1
    if verdict.mark:
        notes[f"mark/{verdict.encoding}"] += 1
    if verdict.encoding == "utf-8":
        yield file, verdict.mark
        return
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(scratch)) as converted:
        for text in decoded(file, verdict.encoding, verdict.mark):
            converted.write(text.encode())
        yield cast(BinaryIO, converted), 0


def encoding_of(name: str, kind: str, file: BinaryIO, settings: IngestSettings) -> Verdict:
    """As `judge` says; but of a jsonl file that is otherwise UTF-8 only the bad lines fall."""
    declared: str | None = next(
        (e for glob, e in settings.encodings.items() if matches(name, [glob])), None
    )
    if declared is None and kind in (".html", ".htm"):
        file.seek(0)
        declared = declared_charset(file.read(HEAD))
    try:
        return judge(file, declared, settings.proof)
    except Unreadable as error:
        reason = error.reject.reason
        if kind != ".jsonl" or reason == "wrong_encoding":
            raise
        if reason == "ambiguous_encoding" and not mostly_valid_lines(file, settings):
            raise
        file.seek(0)
        return Verdict("utf-8", 3 if file.read(3) == b"\xef\xbb\xbf" else 0)


def mostly_valid_lines(file: BinaryIO, settings: IngestSettings) -> bool:
    balance = 0
    for line in lines(file, 0, settings.limits.line_mib << 20):
        try:
            (line.content or b"").decode()
            balance += 1
        except UnicodeDecodeError:
            balance -= 1
    return balance > 0


def parsed(
    name: str,
    kind: str,
    file: BinaryIO,
    start: int,
    settings: IngestSettings,
    notes: "Counter[str]",
) -> Rows:
    if kind == ".jsonl":
        return jsonl(file, start, settings.limits)
    if kind in DELIMITERS:
        return delimited(file, start, kind, settings)
    if kind == ".parquet":
        return parquet(file, size_of(file), settings)
    if kind in (".txt", ".md"):
        return prose(file, start, name, settings)
    return composed(name, kind, file, start, settings, notes)


def composed(
    name: str,
    kind: str,
    file: BinaryIO,
    start: int,
    settings: IngestSettings,
    notes: "Counter[str]",
) -> Rows:
    """The rows of a page or a document, which is read whole."""
    size, limits = size_of(file), settings.limits
    if size > limits.file_mib << 20:
        raise Unreadable("too_long", f"more than {limits.file_mib} MiB")
    file.seek(start)
    if kind == ".docx":
        text = word_text(file, size, limits)
    elif kind == ".pdf":
        pages = pdf_pages(file, limits)
        text = "\n\n".join(page for page in pages if page.strip())
        notes["pages_without_text"] += sum(not page.strip() for page in pages) if text else 0
    else:
        text = visible_text(file.read().decode())
    notes["replacement_characters"] += text.count("\ufffd")
    if kind == ".pdf" and not text:
        raise Unreadable("no_text", f"{len(pages)} pages")
    yield from prose(io.BytesIO(text.encode()), 0, name, settings)
