"""The journal as a person reads it: rows, and the champion's score through time. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from xuxie.retrain.outcome import Outcome, Reason
from xuxie.retrain.promotion.ledger import MOVES, PROMOTION, ROLLBACK

# Kinds of entries with the word for each.
WORDS = {
    PROMOTION: "晋升 promoted",
    ROLLBACK: "回退 rolled back",
    Outcome.HOLD.value: "保留 held",
    Outcome.REJECT.value: "拒绝 rejected",
    Outcome.NOTHING.value: "无事 nothing to do",
    "failure": "失败 failed",
}
Entry = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """
    at: as written, in UTC.
    version: that is champion after it, empty where the entry does not say.
    bits: per character of the promoted model on its test text.
    """

    at: str
    kind: str
    word: str
    job: str
    version: str
    bits: float | None
    reasons: list[Reason]


@dataclass(frozen=True)
class Point:
    """A champion: since when, and its bits per character."""

    at: str
    version: str
    bits: float


def rows(entries: Iterable[Entry]) -> list[Row]:
    """The newest first; a promotion stands for the verdict that it follows from."""
    return [row(entry) for entry in reversed(list(entries)) if not is_promotions_own(entry)]


def is_promotions_own(entry: Entry) -> bool:
    return entry["kind"] == "verdict" and entry.get("outcome") == Outcome.PROMOTE.value


def row(entry: Entry) -> Row:
    kind = str(entry.get("outcome") or entry["kind"])
    return Row(
        at=str(entry["at"]),
        kind=kind,
        word=WORDS.get(kind, kind),
        job=str(entry.get("job") or ""),
        version=str(entry.get("version") or ""),
        bits=entry.get("bits_per_character"),
        reasons=reasons(entry),
    )


def reasons(entry: Entry) -> list[Reason]:
    """Of the verdict, where there is one; else why nothing was done, or what failed."""
    told = entry.get("verdict", {}).get("reasons")
    if told is not None:
        return [Reason(**reason) for reason in told]
    if entry["kind"] == ROLLBACK:
        before = entry.get("from")
        return [Reason("rollback", f"从 v{before} 回退", f"back from v{before}")]
    if said := entry.get("said"):
        chinese, _, english = str(said).partition(" | ")
        return [Reason("failure", chinese, english or chinese)]
    return [Reason(*reason) for reason in entry.get("why", [])]


def champions(entries: Iterable[Entry]) -> list[Point]:
    """Each time the champion changed; a version keeps the score of its promotion."""
    scores: dict[str, float] = {}
    found = []
    for entry in entries:
        if entry["kind"] not in MOVES:
            continue
        version = str(entry["version"])
        if entry.get("bits_per_character") is not None:
            scores[version] = float(entry["bits_per_character"])
        if version in scores:
            found.append(Point(str(entry["at"]), version, scores[version]))
    return found
