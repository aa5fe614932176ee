"""The local logs of runs: a folder each, with its events, the files they speak of, and its locks.

`alive.lock` is held by the process that writes the log, for as long as it lives; `sending.lock` by
whoever sends it to MLflow. The kernel frees both when their holder dies, so that a log whose run
has no end and whose lock is free belongs to nobody any more.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from xuxie.errors import Refusal
from xuxie.store.journal import append, entries
from xuxie.store.lock import held
from xuxie.track.place import logs

Event = dict[str, Any]
EVENTS = "events.jsonl"
# Bytes at the end of a log in which its last entry is looked for.
TAIL = 1 << 16


@contextmanager
def owned(room: str, key: str = "") -> Iterator[Path]:
    """A log to write: of the training `key` that did not finish, or a new one."""
    with ExitStack() as stack:
        folder = unfinished(key) if key else None
        if folder is None or not taken(stack, folder / "alive.lock"):
            folder = new_log(room, key)
            taken(stack, folder / "alive.lock")
        yield folder


def taken(stack: ExitStack, lock: Path) -> bool:
    """Hold `lock` until the stack is left; False where another process holds it."""
    try:
        stack.enter_context(held(lock))
    except Refusal:
        return False
    return True


def written(folder: Path) -> bool:
    """Whether a process that lives writes this log."""
    with ExitStack() as stack:
        return not taken(stack, folder / "alive.lock")


def new_log(room: str, key: str) -> Path:
    logs().mkdir(parents=True, exist_ok=True)
    moment = time.strftime("%Y%m%d-%H%M%S")
    return Path(tempfile.mkdtemp(prefix=f"{moment}-{room}-", suffix=f"-{key}", dir=logs()))


def unfinished(key: str) -> Path | None:
    """The log of the latest run of this training, unless that run is finished."""
    found = sorted(logs().glob(f"*-train-*-{key}/{EVENTS}"))
    if not found:
        return None
    ends = [event["status"] for event, _ in entries(found[-1]) if event["kind"] == "end"]
    return None if "FINISHED" in ends else found[-1].parent


def keep(folder: Path, path: Path) -> str:
    """Give a file or directory a second name in the log, under which it is sent.

    A temporary checkout of DVC is gone when the experiment ends, and the next run replaces a
    report. A report is copied; a directory, a model of any size, is made of links where the disk
    can: the stages and DVC replace such files and never edit them.

    Returns:
        The name, relative to `folder`.
    """
    (folder / "files").mkdir(exist_ok=True)
    place = Path(tempfile.mkdtemp(dir=folder / "files")) / path.name
    if path.is_dir():
        shutil.copytree(path, place, copy_function=link)
    else:
        shutil.copyfile(path, place)
    return str(place.relative_to(folder))


def link(source: str, target: str) -> None:
    try:
        os.link(os.path.realpath(source), target)
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, target)


def close_orphans() -> None:
    """End the runs whose process died without a word: a kill -9, a power cut."""
    for events in sorted(logs().glob(f"*-train-*/{EVENTS}")):
        with ExitStack() as stack:
            if not ended(events) and taken(stack, events.parent / "alive.lock"):
                close(events)


def close(events: Path) -> None:
    """The run ended when its process last said something."""
    last = last_entry(events)
    if last and last["kind"] != "end":
        why = "process died without a word"
        append(events, {"kind": "tags", "time": last["time"], "values": {"xuxie.ended": why}})
        append(events, {"kind": "end", "time": last["time"], "status": "KILLED"})


def ended(events: Path) -> bool:
    last = last_entry(events)
    return last is None or last["kind"] == "end"


def last_entry(events: Path) -> Event | None:
    """The last whole line of a log, if it stands within the last TAIL bytes."""
    with events.open("rb") as file:
        file.seek(max(0, events.stat().st_size - TAIL))
        lines = file.read().splitlines(keepends=True)
    for line in reversed(lines):
        if line.endswith(b"\n"):
            try:
                found = json.loads(line)
            except ValueError:
                continue
            return found if isinstance(found, dict) else None
    return None
