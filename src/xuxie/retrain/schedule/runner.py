"""One slot after another, never two at once: starts the command, waits, tries again, stops.

All of it happens in the process's main thread: a child is told of its parent's death when the
thread that started it ends.
"""

import fcntl
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from apscheduler.triggers.cron import CronTrigger

from xuxie.errors import ExitCode
from xuxie.retrain.schedule.cron import Slot, between
from xuxie.retrain.schedule.history import Attempt, Event, History
from xuxie.retrain.settings import Schedule
from xuxie.retrain.training.process import end_with_parent

LOGS = Path("runs/schedule/logs")
# Held by the running command itself: it may outlive a killed scheduler while it saves.
RUNNING = Path("runs/schedule/running.lock")
# What may be gone the next time: something out of reach, no room, somebody else at work.
PASSING = {ExitCode.UNAVAILABLE, ExitCode.STORAGE, ExitCode.BUSY}


def free(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@dataclass
class Running:
    """began: of the monotonic clock, which nobody sets."""

    attempt: Attempt
    process: "subprocess.Popen[bytes]"
    began: float


class Runner:
    """
    Args:
        command: what a slot runs, in `project`.
        kept: logs of attempts that are kept.
    """

    def __init__(
        self,
        project: Path,
        command: Sequence[str],
        cron: CronTrigger,
        settings: Schedule,
        kept: int = 100,
    ) -> None:
        self.project, self.command, self.cron = project, list(command), cron
        self.settings, self.kept = settings, kept
        self.history = History(project)
        self.running: Running | None = None
        self.queued: Slot | None = None
        self.again: tuple[Attempt, float] | None = None

    def begin(self) -> None:
        """Take up what an earlier scheduler left: an attempt cut short, the last missed slot."""
        lost = self.history.unfinished()
        if lost is not None:
            self.history.tell(Event.LOST, lost.slot, attempt=lost.number)
        self.history.tell(Event.STARTED)
        if not self.due() and lost is not None and lost.number <= self.settings.retries:
            self.start(Attempt(lost.slot, lost.number + 1))

    def due(self) -> bool:
        """Deal with the slots since the last one known; whether there was any.

        A clock that was set back finds none until it is where it was.
        """
        known, now = self.history.known(), datetime.now(UTC)
        slots = between(self.cron, known, now) if known else []
        if not slots:
            return False
        if len(slots) > 1:
            self.history.tell(Event.MISSED, slots[-2], slots=len(slots) - 1)
        self.take(slots[-1])
        return True

    def take(self, slot: Slot) -> None:
        if self.running is None and self.again is None:
            self.start(Attempt(slot, 1))
        elif self.settings.overlap == "skip":
            self.history.tell(Event.SKIPPED, slot)
        else:
            if self.queued is not None:
                self.history.tell(Event.SKIPPED, self.queued)
            self.queued = slot
            if self.settings.overlap == "replace":
                self.again = None
                self.interrupt()

    def start(self, attempt: Attempt) -> None:
        """Begin an attempt, or try again soon where an earlier scheduler's command still runs.

        The slot is written down first: a kill between the two leaves it unfinished.
        """
        place = self.project / RUNNING
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("w") as lock:
            if not free(lock):
                self.again = attempt, time.monotonic()
                return
            log = self.log_of(attempt)
            told = log.relative_to(self.project).as_posix()
            self.history.tell(Event.BEGUN, attempt.slot, attempt=attempt.number, log=told)
            process = self.begun(log, lock.fileno())
        self.running = Running(attempt, process, time.monotonic())

    def begun(self, log: Path, lock: int) -> "subprocess.Popen[bytes]":
        """The command; it holds the lock for as long as it lives, whoever started it."""
        with log.open("wb") as file:
            return subprocess.Popen(
                self.command,
                cwd=self.project,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent,
                pass_fds=[lock],
            )

    def log_of(self, attempt: Attempt) -> Path:
        """Where it goes; the oldest logs make room."""
        name = f"{attempt.slot:%Y%m%d-%H%M%S}-{attempt.number}.txt"
        log = self.project / LOGS / name
        log.parent.mkdir(parents=True, exist_ok=True)
        for old in sorted(log.parent.iterdir())[: -self.kept]:
            old.unlink()
        return log

    def look(self) -> None:
        """See whether the command has ended, and what is next."""
        if self.running is not None and self.running.process.poll() is not None:
            self.ended(self.running)
        if self.running is None and self.again is not None and time.monotonic() >= self.again[1]:
            attempt, self.again = self.again[0], None
            self.start(attempt)
        if self.running is None and self.again is None and self.queued is not None:
            slot, self.queued = self.queued, None
            self.start(Attempt(slot, 1))

    def ended(self, done: Running) -> None:
        code, self.running = done.process.returncode, None
        seconds = round(time.monotonic() - done.began, 1)
        attempt = done.attempt
        self.history.tell(
            Event.ENDED, attempt.slot, attempt=attempt.number, code=code, seconds=seconds
        )
        if code in PASSING and attempt.number <= self.settings.retries and self.queued is None:
            pause = self.settings.retry_minutes * 60
            self.again = Attempt(attempt.slot, attempt.number + 1), time.monotonic() + pause

    def interrupt(self) -> None:
        if self.running is not None and self.running.process.poll() is None:
            self.running.process.terminate()

    def stop(self) -> None:
        """The command is asked to end, and waited for: a training saves first."""
        self.queued = self.again = None
        self.interrupt()
        if self.running is not None:
            self.running.process.wait()
            self.ended(self.running)
        self.history.tell(Event.STOPPED)
