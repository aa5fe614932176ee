"""`reports/retrain.html`: what the person who wakes up reads first. Self-contained, no scripts."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import jinja2

from xuxie.compare.drawing import COLOURS, scale
from xuxie.retrain.history.rows import Entry, Point, Row, champions, row, rows
from xuxie.retrain.outcome import Outcome
from xuxie.track.champion import Champion

WIDTH, HEIGHT = 640, 180
SHOWN = 50


@dataclass(frozen=True)
class Step:
    """A stretch of time with one champion: where its line begins and ends, and how high it is."""

    begin: float
    end: float
    height: float
    version: str
    bits: float


def page(entries: list[Entry], now: Champion | None) -> str:
    """
    Args:
        entries: of the journal, oldest first.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("xuxie.retrain.history", "."), autoescape=True, trim_blocks=True
    )
    environment.filters["local"] = local
    points, latest = champions(entries), last_verdict(entries)
    told = latest or {}
    return environment.get_template("page.html").render(
        champion=now,
        latest=latest and row(latest),
        verdict=told.get("verdict", {}),
        notes=told.get("notes", []),
        why=told.get("why", []),
        failed=newest(entries, Outcome.FAILED),
        nothing=newest(entries, Outcome.NOTHING),
        rows=rows(entries)[:SHOWN],
        left=max(0, len(rows(entries)) - SHOWN),
        steps=timeline(points),
        Outcome=Outcome,
        colour=COLOURS[0],
        width=WIDTH,
        height=HEIGHT,
    )


def newest(entries: list[Entry], outcome: Outcome) -> Row | None:
    """The latest entry, if it is of this kind."""
    return row(entries[-1]) if entries and entries[-1]["kind"] == outcome else None


def last_verdict(entries: list[Entry]) -> Entry | None:
    return next((entry for entry in reversed(entries) if entry["kind"] == "verdict"), None)


def timeline(points: list[Point]) -> list[Step]:
    """One after another at even distances: months may lie between two champions, or minutes."""
    if not points:
        return []
    low, high = (f(point.bits for point in points) for f in (min, max))
    up = scale(low, high, HEIGHT - 20, 20) if high > low else (lambda _: HEIGHT / 2)
    edges = [WIDTH * number / len(points) for number in range(len(points) + 1)]
    return [
        Step(begin, end, up(point.bits), point.version, point.bits)
        for (begin, end), point in zip(pairwise(edges), points, strict=True)
    ]


def local(at: str) -> str:
    """A time of the journal on this machine's clock."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")
