"""Which entries of the raw folder are read. Follows no link out of it and opens nothing odd."""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from xuxie.errors import first_line
from xuxie.ingest.formats import format_of, matches
from xuxie.ingest.rows import Reject, Unreadable
from xuxie.ingest.settings import IngestSettings

OWN = {"manifest.json", "COMPLETE"}
# With `dvc config cache.type symlink` DVC leaves links into its own cache in place of files.
DVC_CACHE = Path(".dvc/cache")


@dataclass(frozen=True)
class Entry:
    """A file by its name below the raw folder.

    path: where it is opened; none if it is not read.
    problem: why it is refused.
    """

    name: str
    path: Path | None
    problem: Reject | None = None


@dataclass(frozen=True)
class Found:
    """Files that are read or refused, in the order of their paths; files of unknown formats; how
    many the settings leave out.

    Hidden files, the manifests of our own outputs and what `dvc add` leaves are none of these.
    """

    entries: list[Entry]
    ignored: list[str]
    excluded: int


def found(raw: Path, settings: IngestSettings) -> Found:
    roots = (Path(os.path.realpath(raw)), Path(os.path.realpath(DVC_CACHE)))
    entries: list[Entry] = []
    ignored: list[str] = []
    excluded = 0
    for path in sorted(walk(raw)):
        relative = path.relative_to(raw).as_posix()
        name = shown(relative)
        linked_folder = path.is_symlink() and path.is_dir()
        if not matches(relative, settings.include) or matches(relative, settings.exclude):
            excluded += 1
        elif not format_of(relative).kind and not linked_folder:
            ignored.append(name)
        else:
            entries.append(entry(path, name, roots))
    return Found(entries, ignored, excluded)


def walk(folder: Path) -> Iterator[Path]:
    """Everything below `folder` but folders; a link to a folder is given, not entered."""
    waiting = [folder] if folder.is_dir() else []
    while waiting:
        with os.scandir(waiting.pop()) as listing:
            for item in listing:
                if item.name.startswith(".") or item.name in OWN or item.name.endswith(".dvc"):
                    continue
                if item.is_dir(follow_symlinks=False):
                    waiting.append(Path(item.path))
                else:
                    yield Path(item.path)


def entry(path: Path, name: str, roots: tuple[Path, ...]) -> Entry:
    """`path` as something to open, or the reason why it is not.

    A second name of the same file (a hard link) cannot be told from what DVC links out of its
    cache, so it is read; making one needs the right to read the file on most systems.
    """
    target = path
    if path.is_symlink():
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):  # a loop, or nowhere
            return Entry(name, None, Reject(0, "outside", "a link that leads nowhere"))
        if not any(target.is_relative_to(root) for root in roots):
            return Entry(name, None, Reject(0, "outside", "a link"))
    if not stat.S_ISREG(os.lstat(target).st_mode):
        return Entry(name, None, Reject(0, "not_a_file", kind_of(os.lstat(target).st_mode)))
    return Entry(name, target)


def kind_of(mode: int) -> str:
    kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFDIR: "a linked folder"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def opened(path: Path) -> BinaryIO:
    """The file for reading. Neither waits for a pipe nor follows a link put there meanwhile."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.ENODEV):
            raise Unreadable("not_a_file", first_line(error)) from None
        raise
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise Unreadable("not_a_file", kind_of(mode))
    return os.fdopen(descriptor, "rb")


def shown(name: str) -> str:
    """The name in signs that any file and terminal bears: odd bytes and controls spelled out."""
    spelled = name.encode(errors="backslashreplace").decode()
    if spelled.isprintable():
        return spelled
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in spelled
    )
