"""One file of the raw folder as batches of documents and rejects, in bounded memory."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from xuxie.ingest.documents import COLUMNS, Fields, document
from xuxie.ingest.readers import damage, rows, size_of
from xuxie.ingest.rows import Reject, cut
from xuxie.ingest.settings import IngestSettings
from xuxie.ingest.unpack import Member, members

# A batch ends with the row that reaches one of these.
BATCH_ROWS = 4096
BATCH_CHARACTERS = 2 << 20


@dataclass
class Batch:
    """
    documents: the columns of COLUMNS.
    rejects: with the names of their files.
    notes: counts for the report: encoding/NAME, mark/NAME, blank, pages_without_text,
        replacement_characters (U+FFFD that a page or document of another format gives).
    ignored: members of archives whose format is unknown.
    """

    documents: pa.RecordBatch
    rejects: list[tuple[str, Reject]]
    notes: "Counter[str]"
    ignored: list[str]


@dataclass
class Collected:
    """What a batch is made of until it is full."""

    rows: list[Fields] = field(default_factory=list)
    rejects: list[tuple[str, Reject]] = field(default_factory=list)
    notes: "Counter[str]" = field(default_factory=Counter)
    ignored: list[str] = field(default_factory=list)
    characters: int = 0

    def reject(self, name: str, reject: Reject) -> None:
        self.rejects.append((name, reject._replace(detail=cut(reject.detail))))

    def full(self) -> bool:
        return (
            len(self.rows) >= BATCH_ROWS
            or self.characters >= BATCH_CHARACTERS
            or len(self.rejects) >= BATCH_ROWS
        )

    def batch(self) -> Batch:
        """What is collected; begins anew."""
        columns = list(zip(*self.rows, strict=True)) or [()] * len(COLUMNS)
        arrays = [
            pa.array(column, type=kind) for column, kind in zip(columns, COLUMNS.types, strict=True)
        ]
        documents = pa.RecordBatch.from_arrays(arrays, schema=COLUMNS)
        made = Batch(documents, self.rejects, self.notes, self.ignored)
        self.rows, self.rejects, self.notes, self.ignored = [], [], Counter(), []
        self.characters = 0
        return made


def batches(name: str, file: BinaryIO, settings: IngestSettings, scratch: Path) -> Iterator[Batch]:
    """The batches of `file`; at least one, so that its notes are told."""
    collected = Collected()
    try:
        size = size_of(file)
        file.seek(0)
        for member in members(name, file, size, settings, scratch):
            for _ in member_rows(member, settings, scratch, collected):
                if collected.full():
                    yield collected.batch()
    except Exception as error:  # a parser of archives met a forged one; see `damage`
        collected.reject(name, damage(error))
    yield collected.batch()


def member_rows(
    member: Member, settings: IngestSettings, scratch: Path, collected: Collected
) -> Iterator[None]:
    """Collect the member's rows, pausing after each."""
    if member.problem is not None:
        collected.reject(member.name, member.problem)
    elif member.file is None:
        collected.ignored.append(member.name)
    else:
        for row in rows(member.name, member.kind, member.file, settings, scratch, collected.notes):
            item = row if isinstance(row, Reject) else document(row, member.name, settings)
            if isinstance(item, Reject):
                collected.reject(member.name, item)
            elif item is None:
                collected.notes["blank"] += 1
            else:
                collected.rows.append(item)
                collected.characters += len(item.text)
            yield


def refused(name: str, problem: Reject) -> Batch:
    """The batch of a file that is not opened."""
    collected = Collected()
    collected.reject(name, problem)
    return collected.batch()
