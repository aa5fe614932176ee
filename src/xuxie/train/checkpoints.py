"""The checkpoints of one training on disk: sealed directories, written beside where they stay.

Never through the system's temporary folder, as Lightning does: a kill while it copies from there
has destroyed the checkpoint before. Local files, read with `weights_only`, so no code runs.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import torch

from xuxie.errors import ExitCode, Refusal
from xuxie.store.directories import whole_directory
from xuxie.store.files import write_json
from xuxie.store.manifest import verify

State = dict[str, Any]
STATE, WEIGHTS, SUMMARY = "state.pt", "weights.pt", "summary.json"
# The newest may be damaged: then training goes on from the one before.
KEPT = 2


class Checkpoints:
    """
    Args:
        folder: of this training alone.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, state: State) -> None:
        """Keep `state`, a dict with its `step` and `best_step`; forget all but the newest two."""
        with whole_directory(self.place(state["step"])) as partial:
            write_synced(partial / STATE, state)
            write_json(partial / SUMMARY, {"best_step": state["best_step"]})
        self.forget()

    def write_best(self, step: int, weights: State) -> None:
        with whole_directory(self.best_place(step)) as partial:
            write_synced(partial / WEIGHTS, weights)

    def newest(self) -> State | None:
        """The newest state that is whole, with the best weights it speaks of; None if none is."""
        for place in self.places():
            try:
                state = read(place, STATE)
                if state["best_step"] is not None:
                    verify(self.best_place(state["best_step"]))
                return state
            except (Refusal, OSError):
                print(
                    f"检查点 {place} 已损坏或无法读取，改用更早的"
                    f" | the checkpoint {place} is damaged or unreadable; an earlier one is used"
                )
        return None

    def best(self, step: int) -> State:
        return read(self.best_place(step), WEIGHTS)

    def places(self) -> list[Path]:
        """Of the states, the newest first."""
        return sorted(self.folder.glob("step-*"), reverse=True)

    def place(self, step: int) -> Path:
        return self.folder / f"step-{step:09d}"

    def best_place(self, step: int) -> Path:
        return self.folder / f"best-{step:09d}"

    def forget(self) -> None:
        """Remove older states, and best weights that none of the kept states speaks of."""
        kept, old = self.places()[:KEPT], self.places()[KEPT:]
        wanted = [json.loads((place / SUMMARY).read_text())["best_step"] for place in kept]
        known = {self.best_place(step) for step in wanted if step is not None}
        for path in [*old, *(best for best in self.folder.glob("best-*") if best not in known)]:
            shutil.rmtree(path, ignore_errors=True)


def write_synced(path: Path, value: State) -> None:
    """
    Raises:
        OSError: the disk is full, say; torch tells it as a RuntimeError of its own.
    """
    try:
        with path.open("wb") as file:
            torch.save(value, file)
            file.flush()
            os.fsync(file.fileno())
    except RuntimeError as error:
        if isinstance(error.__context__, OSError):
            raise error.__context__ from None
        raise


def read(place: Path, name: str) -> State:
    """
    Raises:
        Refusal: a file of the checkpoint differs from its manifest.
    """
    verify(place)
    state: State = torch.load(place / name, map_location="cpu", weights_only=True)
    return state


def check_room(folder: Path, weights: int) -> None:
    """Refuse before the first step what would not fit.

    Args:
        weights: bytes of the model. A state is three times that (AdamW keeps two more numbers a
            weight); two states, the one being written, and the best weights are kept.

    Raises:
        Refusal: (exit code 74) the disk has less than that.
    """
    folder.mkdir(parents=True, exist_ok=True)
    needed, free = (3 * (KEPT + 1) + 2) * weights, shutil.disk_usage(folder).free
    if free < needed:
        raise Refusal(
            ExitCode.STORAGE,
            f"{folder} 所在磁盘剩余 {free >> 20} MiB，检查点需要 {needed >> 20} MiB；请清理磁盘",
            f"the disk of {folder} has {free >> 20} MiB free and the checkpoints need"
            f" {needed >> 20} MiB; free some disk",
        )
