"""Append-only files of JSON lines: what once was written is never edited."""

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def append(path: Path, entry: dict[str, Any]) -> None:
    """Add one line, in a single write, so that two processes never mix theirs.

    A half line that a crash left behind is ended first. Lone surrogates become JSON escapes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n"
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(descriptor).st_size
        half = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        data = b"\n" * half + line.encode(errors="backslashreplace")
        if os.write(descriptor, data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    finally:
        os.close(descriptor)


def entries(path: Path, offset: int = 0) -> Iterator[tuple[dict[str, Any], int]]:
    """Each whole line from byte `offset` on, and the offset behind it.

    A half line that a crash left behind is no entry.
    """
    if not path.exists():
        return
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if line.endswith(b"\n"):
                offset += len(line)
                try:
                    entry = json.loads(line)
                except ValueError:
                    continue
                yield entry, offset
