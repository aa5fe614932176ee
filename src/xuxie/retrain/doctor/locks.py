"""DVC's locks whose process is gone: DVC waits for them, or fails on what is left of them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xuxie.retrain.doctor.finding import Finding
from xuxie.retrain.places import WORKTREE
from xuxie.store.lock import is_held


def dvc_locks(project: Path) -> Iterator[Finding]:
    for folder in (project, project / WORKTREE):
        path = folder / ".dvc/tmp/rwlock"
        if path.exists() and not in_use(path):
            path.unlink()
            name = path.relative_to(project)
            yield Finding(
                f"DVC 的锁 {name} 属于已经不在的进程，已删除",
                f"DVC's lock {name} belonged to a process that is gone: removed",
                mended=True,
            )


def in_use(rwlock: Path) -> bool:
    """Whether a living DVC stands in it, or edits it now.

    DVC 3.67 counts any process with that number, so a number used anew blocks it for ever; and an
    empty or half file stops it. The kernel's locks beside it free themselves.
    """
    if any(is_held(rwlock.with_name(name)) for name in ("lock", "rwlock.lock")):
        return True
    try:
        told = json.loads(rwlock.read_bytes())
    except ValueError:
        return False
    return any(is_dvc(number) for number in holders(told))


def holders(told: Any) -> Iterator[int]:
    """Numbers of processes, wherever in the file they stand."""
    if isinstance(told, dict):
        if isinstance(told.get("pid"), int):
            yield told["pid"]
        for value in told.values():
            yield from holders(value)
    if isinstance(told, list):
        for value in told:
            yield from holders(value)


def is_dvc(number: int) -> bool:
    """A zombie has no command line any more."""
    try:
        return b"dvc" in Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return False
