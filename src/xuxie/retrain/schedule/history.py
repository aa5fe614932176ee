"""What the scheduler did with each slot: lines that are only ever added."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from xuxie.retrain.schedule.cron import Slot
from xuxie.store.journal import append, entries

HISTORY = Path("runs/schedule/history.jsonl")


class Event(StrEnum):
    """
    STARTED: the scheduler itself; slots before the first start are nobody's.
    BEGUN, ENDED: an attempt at a slot, with its exit code.
    SKIPPED: another one was running. MISSED: nobody was there, and a later slot stands for it.
    LOST: the scheduler was killed while an attempt ran.
    """

    STARTED = "started"
    BEGUN = "begun"
    ENDED = "ended"
    SKIPPED = "skipped"
    MISSED = "missed"
    LOST = "lost"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Attempt:
    slot: Slot
    number: int


class History:
    def __init__(self, project: Path) -> None:
        self.path = project / HISTORY

    def tell(self, event: Event, slot: Slot | None = None, **facts: Any) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        told = {"event": event.value, "at": at, "slot": slot.isoformat() if slot else None}
        append(self.path, told | facts)

    def lines(self) -> Iterator[dict[str, Any]]:
        yield from (entry for entry, _ in entries(self.path))

    def known(self) -> Slot | None:
        """The latest slot that was dealt with, or when the scheduler was first started."""
        lines = list(self.lines())
        slots = [Slot.fromisoformat(line["slot"]) for line in lines if line["slot"]]
        began = [Slot.fromisoformat(line["at"]) for line in lines if line["event"] == "started"]
        return max(slots, default=min(began, default=None))

    def unfinished(self) -> Attempt | None:
        """An attempt that was begun and of which nothing more is known."""
        found = None
        for line in self.lines():
            if line["event"] == Event.BEGUN:
                found = Attempt(Slot.fromisoformat(line["slot"]), line["attempt"])
            elif line["event"] in (Event.ENDED, Event.LOST):
                found = None
        return found
