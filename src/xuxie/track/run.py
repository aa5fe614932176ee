"""A run as the stages see it: they append to a local log and never wait for MLflow.

The log is the truth; a thread sends it. What it could not send stays, for `xuxie sync`.
Importing this module does not import mlflow, which takes seconds: the thread does.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xuxie.store.journal import append, entries
from xuxie.track.cost import Meter
from xuxie.track.record import record_inputs, record_outputs
from xuxie.track.sender import Sender
from xuxie.track.settings import TrackSettings
from xuxie.track.spool import EVENTS, keep, owned


class Run:
    """Appends what a stage tells to the log in `folder`; to nothing where that is None."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.told = last_values(folder) if folder else {}
        self.meter: Meter | None = None

    def tell(self, kind: str, **event: Any) -> None:
        if self.folder is not None:
            now = int(time.time() * 1000)
            append(self.folder / EVENTS, {"kind": kind, "time": now, **event})

    def metrics(self, values: dict[str, float], step: int = 0) -> None:
        """A run that goes on repeats some steps: what was told of them is not told again."""
        new = {key: value for key, value in values.items() if step > self.last_step(key)}
        if new:
            self.tell("metrics", values=new, step=step)

    def last_step(self, key: str) -> int:
        """At which an earlier attempt has told this metric last."""
        return self.told[key][0] if key in self.told else -1

    def tags(self, values: dict[str, str]) -> None:
        self.tell("tags", values=values)

    def artifact(self, path: Path, folder: str) -> None:
        if self.folder is not None:
            self.tell("artifact", file=keep(self.folder, path), folder=folder)

    def table(self, path: str, rows: list[dict[str, Any]]) -> None:
        """Rows with the same keys, as an artifact `path` that MLflow shows as a table."""
        columns = list(rows[0]) if rows else []
        self.tell("table", path=path, columns=columns, rows=[list(row.values()) for row in rows])

    def dataset(self, name: str, digest: str, context: str, profile: dict[str, Any]) -> None:
        """Data by its whole hash, of at most 36 signs: an md5 of DVC, with its `.dir`."""
        self.tell("dataset", name=name, digest=digest, context=context, profile=profile)

    def model(self, directory: Path) -> None:
        if self.folder is not None:
            self.tell("model", file=keep(self.folder, directory))

    def usage(self) -> dict[str, float]:
        return self.meter.usage() if self.meter else {}

    def spent(self) -> dict[str, float]:
        return self.meter.spent() if self.meter else {}


@contextmanager
def training_run(
    settings: TrackSettings,
    *,
    name: str,
    params: dict[str, Any],
    tags: dict[str, str],
    key: str,
    gpus: int = 0,
) -> Iterator[Run]:
    """A run that ends FINISHED, FAILED after an error, or KILLED after a signal.

    It stands under the run of a sweep where the environment names one in XUXIE_SWEEP.

    Args:
        key: of the training; the run of one that did not finish goes on.
        gpus: that the training holds.
    """
    with sent(settings, "train", key) as run:
        run.meter = Meter(settings, gpus, {metric: last for metric, (_, last) in run.told.items()})
        sweep = os.environ.get("XUXIE_SWEEP", "")
        run.tell("begin", name=name, params=params, tags=tags, sweep=sweep)
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
def sent(settings: TrackSettings, room: str, key: str = "") -> Iterator[Run]:
    if not settings.enabled:
        yield Run(None)
        return
    with owned(room, key) as folder:
        sender = Sender(folder, settings.experiment)
        run = Run(folder)
        sender.start()
        try:
            yield run
        finally:
            sender.finish()
            report(sender)


def last_values(folder: Path) -> dict[str, tuple[int, float]]:
    """The last step that each metric of a log was told of, and its value there."""
    told: dict[str, tuple[int, float]] = {}
    for event, _ in entries(folder / EVENTS):
        if event["kind"] == "metrics":
            told |= {key: (event["step"], value) for key, value in event["values"].items()}
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
    elif (refused := sender.folder / "refused.jsonl").exists():
        print(f"MLflow 拒收的内容见 {refused} | what MLflow refused stands in {refused}")
