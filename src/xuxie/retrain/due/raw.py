"""What lies in data/raw and at the configured addresses: a listing to tell by what has changed."""

import os
import stat
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from xuxie.ingest.tree import walk
from xuxie.track.outputs import md5_of

# Size, inode and times of the last change.
State = str
# Remote files are told apart by what their server says of them, and have no state of their own.
REMOTE = "remote"


@dataclass(frozen=True)
class File:
    """
    state: such that a file of the same state need not be read again.
    content: MD5, or the marks that a remote file's server gives.
    """

    state: State
    content: str


Listing = dict[str, File]


@dataclass(frozen=True)
class Change:
    """Names of files that are new or hold something else, and of those that are gone."""

    changed: list[str]
    removed: list[str]


def fetched(project: Path) -> list[str]:
    """Paths below data/raw that a stage writes: they change by configuration alone."""
    stages = yaml.safe_load((project / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    outs = [out for stage in stages.values() for out in stage.get("outs", [])]
    return [path for path in outs if isinstance(path, str) and path.startswith("data/raw/")]


def raw_files(project: Path) -> Iterator[tuple[str, Path]]:
    """What ingest looks at below data/raw and no stage writes, in the order of names."""
    folder, written = project / "data/raw", [project / path for path in fetched(project)]
    for path in sorted(walk(folder)):
        if not any(path.is_relative_to(out) for out in written):
            yield path.relative_to(folder).as_posix(), path


def state_of(path: Path) -> State:
    """
    Raises:
        FileNotFoundError: it has gone meanwhile.
    """
    seen = os.lstat(path)
    return f"{seen.st_size}:{seen.st_mtime_ns}:{seen.st_ctime_ns}:{seen.st_ino}"


def content_of(path: Path) -> str:
    """What stands in a file; of a link to nowhere, a pipe or the like, that it is one."""
    seen = path.stat() if path.exists() else os.lstat(path)
    return md5_of(path) if stat.S_ISREG(seen.st_mode) else f"mode {seen.st_mode:o}"


def listed(project: Path, known: Listing) -> Listing:
    """The files of data/raw; only those whose state `known` does not have are read."""
    found: Listing = {}
    for name, path in raw_files(project):
        try:
            state = state_of(path)
            before = known.get(name)
            same = before is not None and before.state == state
            found[name] = before if before and same else File(state, content_of(path))
        except FileNotFoundError:
            continue
    return found


def at_addresses(addresses: Iterable[str]) -> Listing:
    """The files that the configuration names elsewhere; nothing but their marks is transferred.

    A file whose server gives no marks counts as changed each time.

    Raises:
        Refusal: (exit code 69) an address cannot be reached.
    """
    found: Listing = {}
    for address in addresses:
        from xuxie.ingest.remote import remote_files

        for file in remote_files(address)[0]:
            marks = file.key or f"no marks, asked at {time.time_ns()}"
            found[f"{address}\n{file.name}"] = File(REMOTE, marks)
    return found


def change(before: Listing, now: Listing) -> Change:
    """A file that only moved is no change: its content was there before."""
    contents = {file.content for file in before.values()}
    changed = [name for name, file in now.items() if file.content not in contents]
    return Change(changed, [name for name in before if name not in now])


def latest_change(project: Path) -> float | None:
    """Seconds since the epoch of the latest change of a file; None without files.

    By the time of the inode: a file that is moved in, or copied with its times, keeps the other.
    """
    times = []
    for _, path in raw_files(project):
        try:
            times.append(os.lstat(path).st_ctime)
        except FileNotFoundError:
            times.append(time.time())
    return max(times, default=None)


def plain(listing: Listing) -> dict[str, list[str]]:
    return {name: [file.state, file.content] for name, file in listing.items()}


def listing_from(values: dict[str, list[str]]) -> Listing:
    return {name: File(*pair) for name, pair in values.items()}
