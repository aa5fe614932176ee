"""What was read before, kept outside DVC's outputs: a file that did not change is not read again.

Only time depends on it. A cache that is damaged, locked or written by other code is left aside,
and every batch carries a digest, so that results with and without it are the same bytes.
"""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from platform import python_version
from typing import Any

import pyarrow as pa

from xuxie.ingest.batches import Batch
from xuxie.ingest.documents import COLUMNS
from xuxie.ingest.rows import Reject
from xuxie.ingest.settings import IngestSettings
from xuxie.store import records

PARSERS = ("pypdf", "python-docx", "lxml", "selectolax", "orjson", "pyarrow")
# They decide what becomes of the batches, not what is in them.
ELSEWHERE = {"include", "addresses", "on_error"}
TABLES = """
PRAGMA auto_vacuum = FULL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, key TEXT, batches INTEGER);
CREATE TABLE IF NOT EXISTS batches
    (name TEXT, number INTEGER, documents BLOB, rest TEXT, digest BLOB, PRIMARY KEY (name, number));
"""
COMMIT_BYTES = 64 << 20
# A damaged page of text comes out as OperationalError or, undecodable, as UnicodeDecodeError.
DATABASE_ERRORS = (sqlite3.Error, ValueError, OverflowError)


def stamp(settings: IngestSettings) -> str:
    """What else decides what a file's batches are: settings, our code, the parsers."""
    ours = [*sorted(Path(__file__).parent.glob("*.py")), Path(records.__file__)]
    code = b"".join(path.read_bytes() for path in ours)
    said = [settings.model_dump_json(exclude=ELSEWHERE), str(COLUMNS), python_version()]
    said += [version(parser) for parser in PARSERS]
    return hashlib.sha256("\n".join(said).encode() + code).hexdigest()


class Cache:
    """Batches by file name and key. Switches itself off at the first error of its database."""

    def __init__(self, database: sqlite3.Connection | None, stamped: str) -> None:
        self.database, self.stamp = database, stamped
        self.used: set[str] = set()
        self.pending = 0

    def off(self) -> None:
        with suppress(sqlite3.Error):
            close(self.database)
        self.database = None

    def through(self, name: str, key: str, fresh: Callable[[], Iterator[Batch]]) -> Iterator[Batch]:
        """The batches of the file, from here as far as they are whole, the rest from `fresh`.

        Args:
            fresh: reads the file; it gives the same batches each time.
        """
        expected = self.expected(name, key)
        given = 0
        while given < expected and (batch := self.load(name, given)) is not None:
            yield batch
            given += 1
        if given < expected or not expected:
            yield from islice(self.storing(name, key, fresh()), given, None)
        else:
            self.used.add(name)

    def expected(self, name: str, key: str) -> int:
        """How many batches the file has, if it is known and did not change; else 0."""
        query = "SELECT batches FROM files WHERE name = ? AND key = ?"
        found = self.row(query, name, self.stamp + key)
        return found[0] if found is not None and isinstance(found[0], int) else 0

    def load(self, name: str, number: int) -> Batch | None:
        """A batch; None if it is missing or damaged."""
        query = "SELECT documents, rest, digest FROM batches WHERE name = ? AND number = ?"
        found = self.row(query, name, number)
        try:
            if found is None or found[2] != digest(found[0], found[1]):
                return None
            return unpacked(found[0], found[1])
        except (pa.ArrowException, TypeError, ValueError, AttributeError):
            return None

    def row(self, query: str, *values: object) -> tuple[Any, ...] | None:
        if self.database is None:
            return None
        try:
            found: tuple[Any, ...] | None = self.database.execute(query, values).fetchone()
        except DATABASE_ERRORS:
            self.off()
            return None
        return found

    def storing(self, name: str, key: str, fresh: Iterator[Batch]) -> Iterator[Batch]:
        """`fresh`, kept as it goes by; the file counts as kept when all of it went by."""
        self.write("DELETE FROM files WHERE name = ?", name)
        self.write("DELETE FROM batches WHERE name = ?", name)
        number = 0
        for batch in fresh:
            if self.database is not None:
                documents, rest = packed(batch)
                values = (name, number, documents, rest, digest(documents, rest))
                self.write("INSERT INTO batches VALUES (?, ?, ?, ?, ?)", *values)
                self.pending += len(documents)
            number += 1
            yield batch
        self.write("INSERT INTO files VALUES (?, ?, ?)", name, self.stamp + key, number)
        self.used.add(name)
        if self.pending > COMMIT_BYTES:
            self.commit()

    def write(self, query: str, *values: object) -> None:
        if self.database is not None:
            try:
                self.database.execute(query, values)
            except DATABASE_ERRORS:
                self.off()

    def commit(self) -> None:
        self.pending = 0
        if self.database is not None:
            try:
                self.database.commit()
            except DATABASE_ERRORS:
                self.off()

    def forget_unused(self) -> None:
        """Drop the files that this run did not ask for."""
        if self.database is None:
            return
        try:
            names = [name for (name,) in self.database.execute("SELECT name FROM files")]
        except DATABASE_ERRORS:
            self.off()
            return
        for name in set(names) - self.used:
            self.write("DELETE FROM files WHERE name = ?", name)
            self.write("DELETE FROM batches WHERE name = ?", name)


def packed(batch: Batch) -> tuple[bytes, str]:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, COLUMNS, options=options) as writer:
        writer.write_batch(batch.documents)
    return sink.getvalue().to_pybytes(), json.dumps([batch.rejects, batch.notes, batch.ignored])


def unpacked(documents: bytes, rest: str) -> Batch:
    with pa.ipc.open_stream(documents) as reader:
        read = list(reader)
    rejects, notes, ignored = json.loads(rest)
    named = [(name, Reject(*reject)) for name, reject in rejects]
    empty = pa.RecordBatch.from_pylist([], schema=COLUMNS)
    return Batch(read[0] if read else empty, named, Counter(notes), ignored)


def digest(documents: bytes, rest: str) -> bytes:
    return hashlib.sha256(documents + rest.encode()).digest()


@contextmanager
def opened_cache(path: Path, settings: IngestSettings) -> Iterator[Cache]:
    """The cache in `path`; one that is switched off where another process holds it.

    What was read before a refusal is kept: the next run needs only what was mended.
    """
    cache = Cache(connected(path), stamp(settings))
    try:
        yield cache
    finally:
        cache.commit()
        cache.off()


def connected(path: Path) -> sqlite3.Connection | None:
    """A connection that nobody else has; None if that is not to be had."""
    for _ in range(2):
        database = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(path, timeout=0)
            database.executescript("PRAGMA locking_mode = EXCLUSIVE;" + TABLES)
            return database
        except sqlite3.OperationalError:  # locked, or no room: not ours to delete
            close(database)
            return None
        except (sqlite3.DatabaseError, OSError):  # no database: begin anew
            close(database)
            with suppress(OSError):
                path.unlink()
    return None


def close(database: sqlite3.Connection | None) -> None:
    if database is not None:
        database.close()
