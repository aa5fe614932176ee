"""One retraining from beginning to end, written down after each step: a kill costs one step."""

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xuxie.retrain.outcome import Reason
from xuxie.retrain.places import JOB, JOBS, WORKTREE, Champion, read_json, remember

# Jobs whose challenger is kept, for who wants to look at it or promote it by hand.
KEPT = 5
CHALLENGER = "challenger"


@dataclass
class Job:
    """
    id: such as 20260131-020000, of UTC.
    commit: whose code and configuration are used.
    strategy: as asked for.
    champion: version, fingerprint and model as the job found them.
    done: names of the steps that are over.
    failed: how it failed the last time, empty if it did not.
    reasons, notes: why, and what is worth knowing; as code, Chinese, English.
    told: what steps tell later ones.
    """

    id: str
    trigger: str
    commit: str
    strategy: str
    forced: bool
    champion: dict[str, str] | None
    began: float
    done: list[str] = field(default_factory=list)
    failed: str = ""
    reasons: list[list[str]] = field(default_factory=list)
    notes: list[list[str]] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)

    def step(self, project: Path, name: str, work: Callable[[], None]) -> None:
        """Do a step, unless an earlier attempt has; it must bear being done twice."""
        if name not in self.done:
            work()
            self.done.append(name)
            self.save(project)

    def save(self, project: Path) -> None:
        remember(project / JOB, asdict(self))

    def tell(self, project: Path, **values: Any) -> None:
        self.told |= values
        self.save(project)

    def because(self, *reasons: Reason) -> None:
        """Told once, however often a step is repeated."""
        add(self.reasons, reasons)

    def note(self, *reasons: Reason) -> None:
        add(self.notes, reasons)

    def folder(self, project: Path) -> Path:
        return project / JOBS / self.id

    def previous(self, project: Path) -> Champion | None:
        """The champion as it was when the job began."""
        if self.champion is None:
            return None
        told = self.champion
        return Champion(told["version"], told["fingerprint"], project / told["model"])

    def close(self, project: Path) -> None:
        """The job is over: its record goes beside its log, its checkout goes away."""
        remember(self.folder(project) / "job.json", asdict(self))
        (project / JOB).unlink(missing_ok=True)
        shutil.rmtree(project / WORKTREE, ignore_errors=True)
        forget_challengers(project)


def add(told: list[list[str]], reasons: tuple[Reason, ...]) -> None:
    for reason in reasons:
        line = [reason.code, reason.chinese, reason.english]
        if line not in told:
            told.append(line)


def reasons_from(told: list[list[str]]) -> list[Reason]:
    return [Reason(*line) for line in told]


def begun(
    project: Path,
    *,
    trigger: str,
    commit: str,
    strategy: str,
    forced: bool,
    champion: Champion | None,
) -> Job:
    known = as_told(project, champion) if champion else None
    job = Job(new_id(project), trigger, commit, strategy, forced, known, time.time())
    job.folder(project).mkdir(parents=True)
    job.save(project)
    return job


def as_told(project: Path, champion: Champion) -> dict[str, str]:
    return {
        "version": champion.version,
        "fingerprint": champion.fingerprint,
        "model": champion.model.relative_to(project).as_posix(),
    }


def new_id(project: Path) -> str:
    """By the clock, and one more where the clock was set back."""
    now = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    names = [now, *(f"{now}-{number}" for number in range(2, 1000))]
    return next(name for name in names if not (project / JOBS / name).exists())


def in_progress(project: Path) -> Job | None:
    told = read_json(project / JOB)
    return Job(**told) if told is not None else None


def forget_challengers(project: Path) -> None:
    for folder in sorted((project / JOBS).glob(f"*/{CHALLENGER}"), reverse=True)[KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)
