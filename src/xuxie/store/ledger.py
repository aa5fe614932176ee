"""A journal whose entries hold the hash of the one before: nobody changes the past unseen.

Beside it, `.head` holds the hash of the last entry, so that an entry cut off the end is missed too.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xuxie.store.files import write_text
from xuxie.store.lock import held

BEFORE = "before"
BEGIN = "0" * 64


@dataclass(frozen=True)
class Break:
    """line: the first that does not follow from the one before, from 1; after the last if cut."""

    line: int
    reason: str


def append(path: Path, kind: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Add an entry: when, of what kind, the hash of the entry before, and the facts.

    It is on the disk when this returns. A half line that a crash left behind was no entry and goes.
    """
    with held(path.with_suffix(".lock"), wait=True):
        lines = whole_lines(path)
        entry = facts | {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "kind": kind,
            BEFORE: digest(lines[-1]) if lines else BEGIN,
        }
        line = json.dumps(entry, ensure_ascii=False, sort_keys=True, allow_nan=False).encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.truncate(sum(len(each) + 1 for each in lines))
            file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        write_text(head_of(path), digest(line) + "\n")
    return entry


def entries(path: Path) -> Iterator[dict[str, Any]]:
    """From the oldest to the newest; lines that are no JSON are left to `broken`."""
    for line in whole_lines(path):
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            yield found


def broken(path: Path) -> Break | None:
    """Where the chain breaks first, or None. A crash between entry and head is no break."""
    lines = whole_lines(path)
    hashes = [BEGIN, *map(digest, lines)]
    for number, line in enumerate(lines, start=1):
        try:
            before = json.loads(line)[BEFORE]
        except (ValueError, KeyError, TypeError):
            return Break(number, "no entry")
        if before != hashes[number - 1]:
            return Break(number, "does not follow from the entry before")
    head = head_of(path)
    if head.exists() and head.read_text().strip() not in hashes[-2:]:
        return Break(len(lines) + 1, "the last entry was changed or cut off")
    return None


def whole_lines(path: Path) -> list[bytes]:
    data = path.read_bytes() if path.exists() else b""
    return data.split(b"\n")[:-1]


def digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def head_of(path: Path) -> Path:
    return path.with_suffix(".head")
