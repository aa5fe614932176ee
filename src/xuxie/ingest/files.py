"""Which files of the raw folder are read, and their bytes: plain or gzipped, strictly UTF-8."""

import codecs
import gzip
import io
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import BinaryIO

FORMATS = {".txt", ".md", ".jsonl", ".csv", ".parquet"}
OWN = {"manifest.json", "COMPLETE"}
CHUNK = 1 << 20
BYTE_ORDER_MARK = codecs.BOM_UTF8


def format_of(path: Path) -> str:
    """`.jsonl` for `a.jsonl` and `a.jsonl.gz`, whatever the case."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def found(raw: Path) -> tuple[list[Path], list[Path]]:
    """The files below `raw` in the order of their paths: those that are read, those that are not.

    Hidden files, the manifests of our own outputs and what `dvc add` leaves are neither.
    """
    files = [
        path
        for path in sorted(raw.rglob("*"))
        if path.is_file()
        and path.name not in OWN
        and path.suffix != ".dvc"
        and not any(part.startswith(".") for part in path.relative_to(raw).parts)
    ]
    readable = [path for path in files if format_of(path) in FORMATS]
    return readable, [path for path in files if format_of(path) not in FORMATS]


def named(path: Path, raw: Path) -> PurePath:
    """The file's path below `raw`; a byte of it that is no UTF-8 is spelled out, like \\udcb0."""
    name = path.relative_to(raw).as_posix()
    return PurePath(name.encode(errors="backslashreplace").decode())


def opened(path: Path) -> BinaryIO | gzip.GzipFile:
    """The file's bytes, unpacked if it ends in .gz."""
    return gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")


def first_invalid_byte(path: Path) -> int | None:
    """Offset of the first byte that is not UTF-8, in bounded memory; None where all is well."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    position = 0
    with opened(path) as file:
        while True:
            chunk = file.read(CHUNK)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return position - pending + error.start
            if not chunk:
                return None
            position += len(chunk)


def text_of(path: Path) -> str:
    """The whole text, without a byte order mark. The file must be valid UTF-8."""
    with opened(path) as file:
        return file.read().removeprefix(BYTE_ORDER_MARK).decode()


def text_stream(path: Path) -> io.TextIOWrapper:
    """The text as a stream that leaves line ends alone, as the csv module asks."""
    return io.TextIOWrapper(opened(path), encoding="utf-8-sig", newline="")


def lines(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Line number from 1, byte offset, and the line's bytes without its end; split at \\n only."""
    offset = 0
    with opened(path) as file:
        for number, line in enumerate(file, 1):
            start, offset = offset, offset + len(line)
            if number == 1 and line.startswith(BYTE_ORDER_MARK):
                start, line = len(BYTE_ORDER_MARK), line.removeprefix(BYTE_ORDER_MARK)
            yield number, start, line.removesuffix(b"\n").removesuffix(b"\r")
