"""What a run leaves for who makes it again: its lock, its parameters, the hashes of its outputs."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from xuxie.track.lineage import git
from xuxie.track.outputs import output_hashes

FOLDER = "record"


@dataclass(frozen=True)
class RecordedRun:
    """
    files: path within the record -> content; empty for runs made before there was one.
    """

    run_id: str
    name: str
    tags: dict[str, str]
    files: dict[str, bytes]


class Tells(Protocol):
    """A run, as its stage sees it."""

    folder: Path | None

    def artifact(self, path: Path, folder: str) -> None: ...
    def tags(self, values: dict[str, str]) -> None: ...


def record(run: Tells, paths: list[Path], room: str = "") -> None:
    """Keep small files as they are at this moment, in the run's log and in MLflow."""
    if run.folder is None:
        return
    folder = f"{FOLDER}/{room}" if room else FOLDER
    for path in filter(Path.is_file, paths):
        kept = run.folder / folder / path.name
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, kept)
        run.artifact(kept, folder)


def record_inputs(run: Tells) -> None:
    """Before a training: what the stages before it wrote, and all parameters."""
    record(run, [Path("dvc.lock"), Path("params.yaml")])


def record_outputs(run: Tells, room: str) -> None:
    """After a stage: what it wrote; beside that, where it joined a run, what it was run with."""
    run.tags(output_hashes(room))
    if room != "train":
        run.tags({f"git.commit.{room}": git("rev-parse", "HEAD")})
        record(run, [Path("params.yaml")], room)
