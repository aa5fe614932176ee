"""The journal of all that retraining came to: nothing due, verdicts, promotions, rollbacks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xuxie.store import ledger
from xuxie.store.lock import held
from xuxie.track.champion import FOLDER

JOURNAL = FOLDER / "journal.jsonl"
PROMOTION, ROLLBACK = "promotion", "rollback"
MOVES = (PROMOTION, ROLLBACK)


def append(kind: str, facts: dict[str, Any], project: Path = Path()) -> dict[str, Any]:
    return ledger.append(project / JOURNAL, kind, facts)


def append_move(kind: str, facts: dict[str, Any], project: Path) -> None:
    """Of the champion's pointer: one entry for each `serial` in facts, whoever comes first."""
    with held(project / FOLDER / "moves.lock", wait=True):
        if not any(move.get("serial") == facts["serial"] for move in moves(project)):
            append(kind, facts, project)


def latest_serial(project: Path) -> int:
    """Of the pointer's moves; 0 before the first."""
    return max((int(move.get("serial", 0)) for move in moves(project)), default=0)


def moves(project: Path) -> list[dict[str, Any]]:
    """Promotions and rollbacks, from the oldest to the newest."""
    return [entry for entry in entries(project) if entry["kind"] in MOVES]


def entries(project: Path = Path()) -> Iterator[dict[str, Any]]:
    return ledger.entries(project / JOURNAL)
