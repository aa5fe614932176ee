"""Packed files and archives as plain files, one at a time, within limits; nothing is extracted."""

import gzip
import re
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

import zstandard

from xuxie.errors import first_line
from xuxie.ingest.formats import ARCHIVES, Format, format_of, matches
from xuxie.ingest.rows import Reject, Unreadable
from xuxie.ingest.settings import IngestSettings
from xuxie.ingest.tree import shown

CHUNK = 1 << 20
IN_MEMORY = 8 << 20
# A zstd frame can turn 4 bytes into 128 KiB: 2 KiB a step never give more than 64 MiB.
ZSTD_CHUNK = 2 << 10
ENCRYPTED = 0x1
NAMED_IN_UTF8 = 0x800
PLAIN_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


@dataclass(frozen=True)
class Member:
    """A file to read: itself or a member of an archive. `file` is None where `problem` says why,
    and both are None where the format is unknown."""

    name: str
    kind: str
    file: BinaryIO | None
    problem: Reject | None = None


class Budget:
    """Counts what one packed file gives, and stops it."""

    def __init__(self, packed: int, settings: IngestSettings) -> None:
        self.packed, self.used = packed, 0
        self.allowed = settings.limits.unpacked(packed)

    def take(self, size: int) -> None:
        """
        Raises:
            Unreadable: too much in all, or too much for its packed size.
        """
        self.used += size
        if self.used > self.allowed:
            raise Unreadable("bomb", f"more than {self.allowed} bytes from {self.packed}")


def members(
    name: str, file: BinaryIO, size: int, settings: IngestSettings, scratch: Path
) -> Iterator[Member]:
    """The files that `file` stands for. Each must be read before the next is asked for.

    Args:
        size: packed bytes.
        scratch: folder for what is unpacked and too large for memory; nothing stays there.
    """
    form, budget = format_of(name), Budget(size, settings)
    with ExitStack() as stack:
        if form.packing:
            file = stack.enter_context(plain(unpacked(file, form), budget, scratch))
        if form.kind == ".zip":
            yield from zip_members(name, file, budget, settings, scratch)
        elif form.kind == ".tar":
            yield from tar_members(name, file, budget, settings, scratch)
        else:
            yield Member(name, form.kind, file)


@contextmanager
def plain(chunks: Iterator[bytes], budget: Budget, scratch: Path) -> Iterator[BinaryIO]:
    """What `chunks` give, as a file that can be read twice; in memory while it is small."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(scratch)) as file:
        for chunk in chunks:
            budget.take(len(chunk))
            file.write(chunk)
        file.seek(0)
        yield cast(BinaryIO, file)


def unpacked(file: BinaryIO, form: Format) -> Iterator[bytes]:
    if form.packing == ".zst":
        yield from zstd_chunks(file)
        return
    with gzip.GzipFile(fileobj=file) as source:
        yield from chunks_of(cast(IO[bytes], source))


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def zstd_chunks(file: BinaryIO) -> Iterator[bytes]:
    """Frame by frame; unlike the library's stream reader it notices a frame that is cut off."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=1 << 27)
    frame, started = decompressor.decompressobj(), False
    while chunk := file.read(ZSTD_CHUNK):
        while chunk:
            if frame.eof:
                frame = decompressor.decompressobj()
            started = True
            yield frame.decompress(chunk)
            chunk = frame.unused_data if frame.eof else b""
    if not started or not frame.eof:
        raise EOFError("the zstd stream ends too early")


def zip_members(
    name: str, file: BinaryIO, budget: Budget, settings: IngestSettings, scratch: Path
) -> Iterator[Member]:
    with zipfile.ZipFile(file) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if len(infos) > settings.limits.members:
            raise Unreadable("bomb", f"more than {settings.limits.members} members")
        if locked := [info for info in infos if info.flag_bits & ENCRYPTED]:
            detail = f"{len(locked)} of {len(infos)} members"
            yield Member(name, "", None, Reject(0, "encrypted", detail))
        for info in infos:
            inner = zip_name(info)
            mode = info.external_attr >> 16
            odd = stat.S_IFMT(mode) not in (0, stat.S_IFREG)
            if info.flag_bits & ENCRYPTED or skipped(name, inner, settings):
                continue
            if (refused := refusal(name, inner, odd)) is not None:
                yield refused
            elif info.compress_type not in PLAIN_METHODS:
                reject = Reject(0, "broken_file", f"packed by method {info.compress_type}")
                yield Member(full(name, inner), "", None, reject)
            else:
                yield from one(full(name, inner), archive.open(info), budget, scratch)


def zip_name(info: zipfile.ZipInfo) -> str:
    """The member's name; old Chinese archivers wrote GBK where the format expects cp437."""
    if info.flag_bits & NAMED_IN_UTF8:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return info.filename.encode("cp437").decode(encoding)
        except UnicodeError:
            continue
    return info.filename


class SmallReads:
    """A file that refuses one huge read: a forged tar header asks for gigabytes at once."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def read(self, size: int) -> bytes:
        if size > IN_MEMORY:
            raise tarfile.ReadError("a header is too long")
        return self.file.read(size)


def tar_members(
    name: str, file: BinaryIO, budget: Budget, settings: IngestSettings, scratch: Path
) -> Iterator[Member]:
    count = 0
    with tarfile.open(fileobj=cast(BinaryIO, SmallReads(file)), mode="r|") as archive:
        for info in archive:
            count += 1
            if count > settings.limits.members:
                raise Unreadable("bomb", f"more than {settings.limits.members} members")
            if info.isdir() or skipped(name, info.name, settings):
                continue
            if (refused := refusal(name, info.name, not info.isreg())) is not None:
                yield refused
            elif (content := archive.extractfile(info)) is not None:
                yield from one(full(name, info.name), content, budget, scratch)


def skipped(archive: str, inner: str, settings: IngestSettings) -> bool:
    """Whether the settings leave the member out, or it is hidden (such as `__MACOSX/._a.txt`).

    A name that leaves the archive may begin with a dot as well; it is refused, not passed over.
    """
    hidden = safe(inner) and any(
        part.startswith(".") and part.strip(".") for part in inner.split("/")
    )
    return hidden or matches(f"{archive}/{inner}", settings.exclude)


def refusal(archive: str, inner: str, odd: bool) -> Member | None:
    """The member as one that is not read: unsafe, no file, packed again, or of unknown format."""
    name, form = full(archive, inner), format_of(inner)
    if not safe(inner):
        return Member(name, "", None, Reject(0, "unsafe_name", "leaves its archive"))
    if not form.kind and not form.packing:
        return Member(name, "", None)
    if odd:
        return Member(name, "", None, Reject(0, "not_a_file", "a link or a device"))
    if form.kind in ARCHIVES or form.packing:
        return Member(name, "", None, Reject(0, "nested_archive", "packed twice"))
    return None


def safe(inner: str) -> bool:
    """No absolute path, no drive, no way up: names that would leave a folder if extracted."""
    parts = re.split(r"[/\\]", inner)
    return bool(parts[0]) and ".." not in parts and not re.match(r"[A-Za-z]:", inner)


def full(archive: str, inner: str) -> str:
    return f"{archive}/{shown(inner)}"


def one(name: str, content: IO[bytes], budget: Budget, scratch: Path) -> Iterator[Member]:
    """The member; damage to it alone leaves the others readable."""
    with content, ExitStack() as stack:
        try:
            file = stack.enter_context(plain(chunks_of(content), budget, scratch))
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            yield Member(name, "", None, Reject(0, "broken_file", first_line(error)))
        else:
            yield Member(name, format_of(name).kind, file)
