"""One retraining at a time."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from xuxie.errors import ExitCode, Refusal
from xuxie.retrain.places import LOCK
from xuxie.store.lock import held


@contextmanager
def turn(project: Path, *, wait: bool) -> Iterator[None]:
    """Hold the lock of all retraining; the kernel frees it when this process dies.

    Raises:
        Refusal: (exit code 75) another process holds it and `wait` is false; since when, and who.
    """
    place = project / LOCK
    with ExitStack() as stack:
        try:
            stack.enter_context(held(place, wait=wait))
        except Refusal:
            raise busy(place.read_text(encoding="utf-8")) from None
        # In place: a new file would be another lock.
        place.write_text(holder(), encoding="utf-8")
        yield


def holder() -> str:
    now = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    return f"{now} {os.getpid()}@{socket.gethostname()}"


def busy(told: str) -> Refusal:
    since, _, who = told.rpartition(" ")
    return Refusal(
        ExitCode.BUSY,
        f"另一个重训正在运行：自 {since or '?'} 起，{who or '?'}；等它结束，或用 --wait 排队",
        f"busy since {since or '?'} by {who or '?'}; wait for it, or queue with --wait",
    )
