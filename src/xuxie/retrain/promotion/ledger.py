"""The journal of all that retraining came to: nothing due, verdicts, promotions, rollbacks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xuxie.store import ledger

JOURNAL = Path("runs/champion/journal.jsonl")


def append(kind: str, facts: dict[str, Any], project: Path = Path()) -> dict[str, Any]:
    return ledger.append(project / JOURNAL, kind, facts)


def entries(project: Path = Path()) -> Iterator[dict[str, Any]]:
    return ledger.entries(project / JOURNAL)
