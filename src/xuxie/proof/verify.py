"""Re-hash everything a team trusts, name what is damaged, and put back what can be put back."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from xuxie.errors import ExitCode, Refusal
from xuxie.proof.cache import Cache, cache_of, damaged_objects, damaged_runs
from xuxie.proof.damage import Damage, Kind, Problem
from xuxie.proof.digests import Reader
from xuxie.proof.lock import owners_of, tracked_outputs, unlisted_stages
from xuxie.proof.outputs import damaged_outputs
from xuxie.proof.repair import Repair
from xuxie.proof.sealed import damaged_folders
from xuxie.proof.stores import (
    broken_chains,
    changed_code,
    damaged_artifacts,
    damaged_database,
    damaged_git,
    damaged_journals,
)
from xuxie.store.lock import held

TRAINING = Path("runs/train.lock")
ASIDE = Path("runs/damaged")


@dataclass
class Findings:
    """
    damages: as they were found first.
    mended: of them, those that --repair has put right.
    changed: files of code and configuration that differ from git's: no damage.
    unlisted: stages that dvc.lock does not know.
    skipped: whether a training is running, whose checkpoints were not looked at.
    """

    damages: list[Damage]
    files: int
    bytes: int
    seconds: float
    changed: list[str]
    unlisted: list[str]
    skipped: bool
    mended: list[Damage] = field(default_factory=list)
    aside: Path | None = None

    @property
    def left(self) -> list[Damage]:
        return [damage for damage in self.damages if damage not in self.mended]


def verify(
    project: Path, experiment: str, *, repair: bool, tell: Callable[[int], None]
) -> Findings:
    """
    Args:
        experiment: of MLflow, whose runs and models are looked at.
        tell: is told how many bytes were read, piece by piece.

    Raises:
        Refusal: (exit code 75) something is to be repaired while a training is running.
    """
    began, project, reader = time.monotonic(), project.resolve(), Reader(tell)
    cache = cache_of(project)
    with free(project / TRAINING) as is_free:
        if repair and not is_free:
            raise in_use()
        damages = found(project, experiment, cache, reader, training=not is_free)
        findings = Findings(
            damages,
            files=sum(digest is not None for digest in reader.known.values()),
            bytes=reader.bytes,
            seconds=0.0,
            changed=changed_code(project),
            unlisted=unlisted_stages(project),
            skipped=not is_free,
        )
        if repair and damages:
            mend(findings, project, experiment, cache, reader)
    findings.seconds = time.monotonic() - began
    return findings


@contextmanager
def free(lock: Path) -> Iterator[bool]:
    """Whether nobody holds the lock; it is held while the block runs, if it is there at all."""
    if not lock.exists():
        yield True
        return
    try:
        with held(lock):
            yield True
    except Refusal as refusal:
        if refusal.code is not ExitCode.BUSY:
            raise
        yield False


def found(
    project: Path, experiment: str, cache: Cache, reader: Reader, *, training: bool
) -> list[Damage]:
    """Each damaged place once, the first time it is met."""
    places: dict[Path, Damage] = {}
    for damage in every_damage(project, experiment, cache, reader, training=training):
        known = places.get(damage.path)
        if known is None or (known.content is None and damage.content is not None):
            places[damage.path] = damage
    return list(places.values())


def every_damage(
    project: Path, experiment: str, cache: Cache, reader: Reader, *, training: bool
) -> Iterator[Damage]:
    outputs = tracked_outputs(project)
    yield from damaged_outputs(project, outputs, reader, cache)
    yield from damaged_objects(reader, cache, owners_of(outputs, reader, cache))
    yield from damaged_runs(cache)
    broken = list(damaged_database(project, reader))
    yield from broken or damaged_artifacts(project, experiment, reader)
    yield from damaged_folders(project, reader, training=training)
    yield from damaged_journals(project, reader)
    yield from broken_chains(project)
    yield from damaged_git(project)


def mend(findings: Findings, project: Path, experiment: str, cache: Cache, reader: Reader) -> None:
    """Again while something gets better: a file put back may let its listing follow."""
    aside = project / ASIDE / time.strftime("%Y%m%d-%H%M%S")
    repairing = Repair(project, cache, reader, aside)
    left = findings.damages
    while True:
        before = {damage.path for damage in left}
        for damage in left:
            repairing.mend(damage)
        left = found(project, experiment, cache, reader, training=False)
        if not left or {damage.path for damage in left} == before:
            break
    bad = {damage.path for damage in left}
    findings.mended = [damage for damage in findings.damages if whole(damage, bad)]
    findings.aside = aside if aside.exists() else None


def whole(damage: Damage, bad: set[Path]) -> bool:
    """Moved aside is mended where nothing needs the file: it was one too many, or a mere cache."""
    if damage.path in bad:
        return False
    spare = damage.problem is Problem.EXTRA or damage.kind in (Kind.RUN_CACHE, Kind.CHECKPOINT)
    return spare or damage.path.exists()


def in_use() -> Refusal:
    return Refusal(
        ExitCode.BUSY,
        "正在训练，现在不能修复；请等它结束",
        "a training is running: nothing can be repaired now; wait until it ends",
    )
