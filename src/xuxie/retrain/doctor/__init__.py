"""What crashes leave behind: found, mended where that is safe, explained where a person must act.

Takes seconds; whether every byte is as recorded is the business of `xuxie verify`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from xuxie.retrain.doctor.finding import Finding
from xuxie.retrain.doctor.leftovers import empty_runs, journal, partial_folders, runs, unpushed
from xuxie.retrain.doctor.locks import dvc_locks
from xuxie.retrain.doctor.registrations import aliases, registrations
from xuxie.retrain.doctor.ruling import model, pointer, rollback
from xuxie.track.settings import TrackSettings

__all__ = ["Finding", "examine"]


def examine(
    project: Path, tracking: TrackSettings, tell: Callable[[str], None]
) -> Iterator[Finding]:
    """Look and mend. Call it under the lock of all retraining: what is at work is not broken."""
    yield from dvc_locks(project)
    yield from partial_folders(project)
    yield from empty_runs(project)
    yield from journal(project)
    yield from pointer(project)
    yield from rollback(project)
    yield from model(project)
    if tracking.enabled:
        yield from runs(tracking)
        yield from registrations(project, tracking)
        yield from aliases(project, tracking)
    yield from unpushed(project, tell)
