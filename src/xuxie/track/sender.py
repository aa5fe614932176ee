"""Sends a run's log of events to MLflow, in order, and remembers how far it came."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from xuxie.store.files import write_json
from xuxie.store.journal import append, entries
from xuxie.store.lock import held
from xuxie.track.outage import hopeless, said, unreachable
from xuxie.track.place import logs
from xuxie.track.spool import EVENTS, Event, close_orphans, written

# At the end of a run, after so many failures, or seconds without any success, the rest is left to
# the next stage or to `xuxie sync`.
LAST_ATTEMPTS = 3
PATIENCE = 20.0
PAUSE = 0.2
RETRY = 1.0
# Values in one request; MLflow takes 1,000.
BATCH = 500


@dataclass(frozen=True)
class Cursor:
    """Bytes of the log that were sent, and the run of MLflow they went to."""

    offset: int
    run_id: str | None


def cursor_of(folder: Path) -> Cursor:
    path = folder / "cursor.json"
    return Cursor(**json.loads(path.read_text())) if path.exists() else Cursor(0, None)


def unsent(folder: Path) -> bool:
    return next(entries(folder / EVENTS, cursor_of(folder).offset), None) is not None


def send(folder: Path, experiment: str, keep_on: Callable[[], bool]) -> str | None:
    """Send what the log holds, and what comes, until `keep_on` is false and nothing is left.

    What arrived although its answer was lost is sent again: Recorder makes no second one of it.

    Returns:
        The run's id, or None where the store has no such run.
    """
    from xuxie.track.connection import connect, experiment_id
    from xuxie.track.events import Recorder

    client = connect()
    cursor = cursor_of(folder)
    recorder = Recorder(client, experiment_id(client, experiment), cursor.run_id, folder)
    while True:
        more = keep_on()
        for events, offset in batches(entries(folder / EVENTS, cursor.offset)):
            deliver(events, recorder.carry_out, folder / "refused.jsonl")
            cursor = Cursor(offset, recorder.run_id)
            write_json(folder / "cursor.json", asdict(cursor))
            forget(folder, events)
        if not more:
            return cursor.run_id
        time.sleep(PAUSE)


def forget(folder: Path, events: list[Event]) -> None:
    """Remove the second names of files that have arrived."""
    for event in events:
        if "file" in event:
            shutil.rmtree((folder / event["file"]).parent, ignore_errors=True)


def batches(found: Iterator[tuple[Event, int]]) -> Iterator[tuple[list[Event], int]]:
    """Neighbouring metrics together, up to BATCH values; every other event alone."""
    waiting: list[Event] = []
    size = end = 0
    for event, offset in found:
        values = len(event["values"]) if event["kind"] == "metrics" else BATCH
        if waiting and size + values > BATCH:
            yield waiting, end
            waiting, size = [], 0
        waiting, size, end = [*waiting, event], size + values, offset
    if waiting:
        yield waiting, end


def deliver(events: list[Event], carry_out: Callable[[list[Event]], None], aside: Path) -> None:
    """What MLflow will never take is set aside, so that the rest of the log arrives."""
    try:
        carry_out(events)
    except Exception as error:
        if not hopeless(error):
            raise
        if len(events) == 1:
            append(aside, {"event": events[0], "reason": said(error)})
            return
        for event in events:
            deliver([event], carry_out, aside)


class Sender(threading.Thread):
    """Sends in the background, again and again after a failure, so that no stage ever waits."""

    def __init__(self, folder: Path, experiment: str) -> None:
        super().__init__(daemon=True, name="tracking")
        self.folder, self.experiment = folder, experiment
        self.closing = threading.Event()
        self.folders = [folder]
        self.run_id: str | None = None
        self.problem = ""

    def going_on(self) -> bool:
        return not self.closing.is_set()

    def run(self) -> None:
        attempts = LAST_ATTEMPTS
        while not self.delivered() and attempts:
            attempts -= self.closing.is_set()
            time.sleep(RETRY)

    def delivered(self) -> bool:
        """Send what waits, then this run until it is over; False, and the problem, if that fails.

        What waits comes first: an evaluation joins the run of its training.
        """
        try:
            close_orphans()
            self.folders = [*waiting(), self.folder]
            send_each(self.folders[:-1], self.experiment)
            with held(self.folder / "sending.lock", wait=True):
                self.run_id = send(self.folder, self.experiment, self.going_on)
        except Exception as error:  # whatever a store or a network throws
            self.problem = said(error)
            return False
        self.problem = ""
        return True

    def finish(self) -> None:
        """Wait while sending makes progress, at most PATIENCE seconds without any."""
        self.closing.set()
        seen, since = -1, time.monotonic()
        while self.is_alive() and time.monotonic() - since < PATIENCE:
            if (now := sum(cursor_of(folder).offset for folder in self.folders)) != seen:
                seen, since = now, time.monotonic()
            self.join(PAUSE)


def waiting() -> list[Path]:
    """The logs with something unsent, in the order in which they began."""
    return [path.parent for path in sorted(logs().glob(f"*/{EVENTS}")) if unsent(path.parent)]


def send_each(folders: list[Path], experiment: str) -> int:
    """Send logs whose processes have ended; return how many there were.

    One that another process is sending is waited for: what follows may join its run.
    """
    ended = [folder for folder in folders if not written(folder)]
    for folder in ended:
        with held(folder / "sending.lock", wait=True):
            send(folder, experiment, lambda: False)
    return len(ended)


def send_waiting(experiment: str) -> int:
    """Send what earlier runs could not; return how many runs had something left.

    Raises:
        Refusal: (exit code 69) MLflow still cannot be reached.
    """
    close_orphans()
    try:
        return send_each(waiting(), experiment)
    except Exception as error:  # whatever a store or a network throws
        raise unreachable(error) from error
