"""Processes of a retraining: they end with it, whatever ends it."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

PAUSE = 0.2
# Seconds for a training to write its checkpoint when it is asked to stop.
GRACE = 120.0
# In the environment of every process of a retraining: the folder that it works in.
MARK = "XUXIE_RETRAIN"


def run(
    words: list[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    tell: Callable[[str], None],
) -> int:
    """Run a command in `folder`; what it says goes to the end of `log`, line by line to `tell`.

    If this process is asked to stop, the command and all it has started have ended before.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        offset = file.tell()
        process = subprocess.Popen(
            words,
            cwd=folder,
            env={**environment, MARK: str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            preexec_fn=end_with_parent,
        )
    lines = Lines(log, offset)
    try:
        while process.poll() is None:
            lines.pass_on(tell)
            time.sleep(PAUSE)
        lines.pass_on(tell)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
        clear(folder)
    return process.returncode


def end_with_parent() -> None:
    """In the child, before it becomes the command: Linux sends a SIGTERM when the parent dies.

    A stage asks the same for itself, so that it ends when DVC does.
    """
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


class Lines:
    """A growing file, from `offset` on."""

    def __init__(self, path: Path, offset: int) -> None:
        self.path, self.offset = path, offset

    def pass_on(self, tell: Callable[[str], None]) -> None:
        with self.path.open("rb") as file:
            file.seek(self.offset)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self.offset += len(whole)
        for line in whole.decode(errors="replace").splitlines():
            tell(line)


def descendants(folder: Path) -> Iterator[int]:
    """Processes that a retraining in `folder` started and that still run. On Linux only."""
    mark = f"{MARK}={folder}".encode()
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (place / "environ").read_bytes().split(b"\0"):
                yield int(place.name)


def clear(folder: Path) -> None:
    """See what was started in `folder` end: asked to at once, made to when its time is up."""
    began = time.monotonic()
    asked: set[int] = set()
    while living := set(descendants(folder)):
        late = time.monotonic() - began > GRACE
        for number in living if late else living - asked:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL if late else signal.SIGTERM)
        asked |= living
        time.sleep(PAUSE)
