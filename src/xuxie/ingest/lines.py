"""The lines of a file in bounded memory, split at \\n only."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

CHUNK = 1 << 20


class Line(NamedTuple):
    """number: from 1. offset: of its first byte. content: without its end; None if too long."""

    number: int
    offset: int
    content: bytes | None


def lines(file: BinaryIO, start: int, limit: int) -> Iterator[Line]:
    """
    Args:
        start: byte at which the first line begins.
        limit: bytes; of a longer line nothing is kept.
    """
    file.seek(start)
    number, offset, rest, length = 1, start, b"", 0
    while chunk := file.read(CHUNK):
        first, *more = chunk.split(b"\n")
        length += len(first)
        rest = rest + first if length <= limit else b""
        for part in more:
            yield Line(number, offset, ended(rest) if length <= limit else None)
            number, offset = number + 1, offset + length + 1
            rest, length = part, len(part)
    if length:
        yield Line(number, offset, ended(rest) if length <= limit else None)


def ended(line: bytes) -> bytes:
    """Without the \\r of a Windows line end."""
    return line.removesuffix(b"\r")
