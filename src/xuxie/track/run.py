"""A run as the stages see it: they append to a local log and never wait for MLflow.

The log is the truth; a thread sends it. What it could not send stays, for `xuxie sync`.
Importing this module does not import mlflow, which takes seconds: the thread does.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xuxie.store.journal import append, entries
from xuxie.track.place import logs
from xuxie.track.record import record_inputs, record_outputs
from xuxie.track.sender import Sender
from xuxie.track.settings import TrackSettings


class Run:
    """Appends what a stage tells to the log in `folder`; to nothing where that is None."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.told = last_steps(folder) if folder else {}

    def tell(self, kind: str, **event: Any) -> None:
        if self.folder is not None:
            now = int(time.time() * 1000)
            append(self.folder / "events.jsonl", {"kind": kind, "time": now, **event})

    def metrics(self, values: dict[str, float], step: int = 0) -> None:
        """A run that goes on repeats some steps: what was told of them is not told again."""
        new = {key: value for key, value in values.items() if step > self.told.get(key, -1)}
        if new:
            self.tell("metrics", values=new, step=step)

    def tags(self, values: dict[str, str]) -> None:
        self.tell("tags", values=values)

    def artifact(self, path: Path, folder: str) -> None:
        self.tell("artifact", path=str(path.resolve()), folder=folder)

    def model(self, directory: Path) -> None:
        self.tell("model", path=str(directory.resolve()))


@contextmanager
def training_run(
    settings: TrackSettings,
    *,
    name: str,
    params: dict[str, Any],
    tags: dict[str, str],
    key: str,
) -> Iterator[Run]:
    """A run that ends FINISHED, FAILED after an error, or KILLED after a signal.

    Args:
        key: of the training; the run of one that did not finish goes on.
    """
    with sent(settings, "train", unfinished(key), key) as run:
        run.tell("begin", name=name, params=params, tags=tags)
        record_inputs(run)
        try:
            yield run
            record_outputs(run, "train")
        except Exception:  # whatever went wrong, and on it goes
            run.tell("end", status="FAILED")
            raise
        except BaseException:
            run.tell("end", status="KILLED")
            raise
        run.tell("end", status="FINISHED")


@contextmanager
def joined_run(settings: TrackSettings, room: str, fingerprint: str) -> Iterator[Run]:
    """The run that trained the model with this fingerprint; nothing where the store has none."""
    with sent(settings, room) as run:
        run.tell("join", fingerprint=fingerprint)
        yield run
        record_outputs(run, room)


@contextmanager
def sent(
    settings: TrackSettings, room: str, folder: Path | None = None, key: str = ""
) -> Iterator[Run]:
    if not settings.enabled:
        yield Run(None)
        return
    folder = folder or new_log(room, key)
    sender = Sender(folder, settings.experiment)
    sender.start()
    try:
        yield Run(folder)
    finally:
        sender.finish()
        report(sender)


def new_log(room: str, key: str) -> Path:
    logs().mkdir(parents=True, exist_ok=True)
    moment = time.strftime("%Y%m%d-%H%M%S")
    return Path(tempfile.mkdtemp(prefix=f"{moment}-{room}-", suffix=f"-{key}", dir=logs()))


def unfinished(key: str) -> Path | None:
    """The log of the latest run of this training, unless that run is finished."""
    found = sorted(logs().glob(f"*-train-*-{key}/events.jsonl"))
    if not found:
        return None
    ends = [event["status"] for event, _ in entries(found[-1]) if event["kind"] == "end"]
    return None if "FINISHED" in ends else found[-1].parent


def last_steps(folder: Path) -> dict[str, int]:
    """The last step that each metric of a log was told of."""
    told: dict[str, int] = {}
    for event, _ in entries(folder / "events.jsonl"):
        for metric in event["values"] if event["kind"] == "metrics" else ():
            told[metric] = max(told.get(metric, -1), event["step"])
    return told


def report(sender: Sender) -> None:
    """Say where the run is, or what is the matter; tracking never fails a stage."""
    if sender.problem or sender.is_alive():
        print(
            f"MLflow 未收全（{sender.problem}）；记录保存在 {sender.folder}，恢复后运行 xuxie sync"
            f" | MLflow did not get everything ({sender.problem}); it is kept in {sender.folder}:"
            " run xuxie sync later"
        )
    elif sender.run_id is None:
        print("MLflow 中没有这个模型的运行，未记录 | MLflow has no run of this model: not recorded")
