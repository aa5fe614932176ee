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

from xuxie.store.journal import append
from xuxie.track.place import logs
from xuxie.track.sender import Sender
from xuxie.track.settings import TrackSettings


class Run:
    """Appends what a stage tells to the log in `folder`; to nothing where that is None."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def tell(self, kind: str, **event: Any) -> None:
        if self.folder is not None:
            now = int(time.time() * 1000)
            append(self.folder / "events.jsonl", {"kind": kind, "time": now, **event})

    def metrics(self, values: dict[str, float], step: int = 0) -> None:
        self.tell("metrics", values=values, step=step)

    def tags(self, values: dict[str, str]) -> None:
        self.tell("tags", values=values)

    def artifact(self, path: Path, folder: str) -> None:
        self.tell("artifact", path=str(path.resolve()), folder=folder)

    def model(self, directory: Path) -> None:
        self.tell("model", path=str(directory.resolve()))


@contextmanager
def training_run(
    settings: TrackSettings, *, name: str, params: dict[str, Any], tags: dict[str, str]
) -> Iterator[Run]:
    """A new run that ends FINISHED, FAILED after an error, or KILLED after a signal."""
    with sent(settings, "train") as run:
        run.tell("begin", name=name, params=params, tags=tags)
        try:
            yield run
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


@contextmanager
def sent(settings: TrackSettings, room: str) -> Iterator[Run]:
    if not settings.enabled:
        yield Run(None)
        return
    logs().mkdir(parents=True, exist_ok=True)
    moment = time.strftime("%Y%m%d-%H%M%S")
    folder = Path(tempfile.mkdtemp(prefix=f"{moment}-{room}-", dir=logs()))
    sender = Sender(folder, settings.experiment)
    sender.start()
    try:
        yield Run(folder)
    finally:
        sender.finish()
        report(sender)


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
