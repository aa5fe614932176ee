"""A kernel lock on a file, held by the process that does the work and freed when it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xuxie.errors import ExitCode, Refusal


@contextmanager
def held(path: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold `path` exclusively.

    Raises:
        Refusal: (exit code 75) another process holds it and `wait` is false.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            file.seek(0)
            raise busy(path, file.read().strip() or "?") from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


def is_held(path: Path) -> bool:
    """Whether a process holds it now."""
    if not path.exists():
        return False
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def busy(path: Path, holder: str) -> Refusal:
    return Refusal(
        ExitCode.BUSY,
        f"{path.parent} 正被进程 {holder} 使用；请等它结束或先停止它",
        f"{path.parent} is in use by process {holder}; wait for it or stop it first",
    )
