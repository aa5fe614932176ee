"""Sends a run's log of events to MLflow, in order, and remembers how far it came."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from xuxie.errors import first_line
from xuxie.store.files import write_json
from xuxie.store.journal import entries
from xuxie.track.outage import unreachable
from xuxie.track.place import logs

# At the end of a run, after so many failures, or seconds without any success, the rest is left to
# `xuxie sync`.
LAST_ATTEMPTS = 3
PATIENCE = 20.0
PAUSE = 0.2
RETRY = 1.0


@dataclass(frozen=True)
class Cursor:
    """Bytes of the log that were sent, and the run of MLflow they went to."""

    offset: int
    run_id: str | None


def cursor_of(folder: Path) -> Cursor:
    path = folder / "cursor.json"
    return Cursor(**json.loads(path.read_text())) if path.exists() else Cursor(0, None)


def unsent(folder: Path) -> bool:
    return next(entries(folder / "events.jsonl", cursor_of(folder).offset), None) is not None


def send(folder: Path, experiment: str, keep_on: Callable[[], bool]) -> str | None:
    """Send what the log holds, and what comes, until `keep_on` is false and nothing is left.

    Returns:
        The run's id, or None where the store has no such run.
    """
    from xuxie.track.connection import connect, experiment_id
    from xuxie.track.events import Recorder

    client = connect()
    cursor = cursor_of(folder)
    recorder = Recorder(client, experiment_id(client, experiment), cursor.run_id)
    while True:
        more = keep_on()
        for event, offset in entries(folder / "events.jsonl", cursor.offset):
            recorder.carry_out(event)
            cursor = Cursor(offset, recorder.run_id)
            write_json(folder / "cursor.json", asdict(cursor))
        if not more:
            return cursor.run_id
        time.sleep(PAUSE)


class Sender(threading.Thread):
    """Sends in the background, again and again after a failure, so that no stage ever waits."""

    def __init__(self, folder: Path, experiment: str) -> None:
        super().__init__(daemon=True, name="tracking")
        self.folder, self.experiment = folder, experiment
        self.closing = threading.Event()
        self.run_id: str | None = None
        self.problem = ""

    def run(self) -> None:
        attempts = LAST_ATTEMPTS
        while not self.delivered() and attempts:
            attempts -= self.closing.is_set()
            time.sleep(RETRY)

    def delivered(self) -> bool:
        """Send until the run is over; False, and the problem, if that fails."""
        try:
            self.run_id = send(self.folder, self.experiment, lambda: not self.closing.is_set())
        except Exception as error:  # whatever a store or a network throws
            self.problem = first_line(error)
            return False
        self.problem = ""
        return True

    def finish(self) -> None:
        """Wait while sending makes progress, at most PATIENCE seconds without any."""
        self.closing.set()
        offset, since = -1, time.monotonic()
        while self.is_alive() and time.monotonic() - since < PATIENCE:
            if (now := cursor_of(self.folder).offset) != offset:
                offset, since = now, time.monotonic()
            self.join(PAUSE)


def send_waiting(experiment: str) -> int:
    """Send what earlier runs could not; return how many runs had something left.

    Raises:
        Refusal: (exit code 69) MLflow still cannot be reached.
    """
    folders = [path.parent for path in sorted(logs().glob("*/events.jsonl")) if unsent(path.parent)]
    for folder in folders:
        try:
            send(folder, experiment, lambda: False)
        except Exception as error:  # whatever a store or a network throws
            raise unreachable(error) from error
    return len(folders)
