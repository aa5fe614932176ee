"""The last move of the champion's pointer, where a kill kept it out of the journal."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xuxie.retrain.job import in_progress
from xuxie.retrain.promotion.ledger import PROMOTION, ROLLBACK, append_move, latest_serial
from xuxie.track.champion import champion


@dataclass(frozen=True)
class Move:
    """An entry that the journal lacks."""

    kind: str
    facts: dict[str, Any]

    def tell(self, project: Path) -> None:
        append_move(self.kind, self.facts, project)


def untold(project: Path) -> Move | None:
    """Of the job in progress if it made this champion, else of a rollback.

    Raises:
        Refusal: the pointer is damaged.
    """
    now, told = champion(project), latest_serial(project)
    # Without any move the journal itself is lost, and nobody knows what it said.
    if now is None or not 0 < told < now.serial:
        return None
    facts = {
        "version": now.version,
        "fingerprint": now.fingerprint,
        "from": now.previous,
        "serial": now.serial,
    }
    job = in_progress(project)
    if job is not None and job.told.get("challenger") == now.fingerprint:
        return Move(PROMOTION, facts | {"job": job.id, "commit": job.commit})
    return Move(ROLLBACK, facts)


def tell_rollback(project: Path) -> str | None:
    """Journal a rollback that was killed; its version. A promotion is finished by its own job."""
    move = untold(project)
    if move is None or move.kind != ROLLBACK:
        return None
    move.tell(project)
    return str(move.facts["version"])
