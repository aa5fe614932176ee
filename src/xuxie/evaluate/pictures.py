"""The report's pictures as coordinates: the template draws them, nothing else is needed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xuxie.evaluate.calibration import Bin
from xuxie.evaluate.positions import Stretch

WIDTH, HEIGHT = 640, 240
SQUARE = 300
Point = tuple[float, float]


@dataclass(frozen=True)
class Mark:
    """A point of a curve with its error bar, in the picture's units, and what it stands for."""

    x: float
    y: float
    low: float
    high: float
    label: str


@dataclass(frozen=True)
class Tick:
    place: float
    label: str


@dataclass(frozen=True)
class Curve:
    """points: for a polyline. marks: its points. across, up: ticks of the axes."""

    points: str
    marks: list[Mark]
    across: list[Tick]
    up: list[Tick]


def reliability_curve(rows: Sequence[Bin]) -> Curve:
    """Share right against chance, in a square of SQUARE; the error bars are two standard ones."""
    marks = []
    for row in rows:
        error = 2 * math.sqrt(row.right * (1 - row.right) / row.tokens)
        label = f"{row.chance:.1%} → {row.right:.1%}"
        x, y = row.chance * SQUARE, (1 - row.right) * SQUARE
        marks.append(Mark(x, y, y + error * SQUARE, y - error * SQUARE, label))
    ticks = [(share, f"{share:.0%}") for share in (0, 0.25, 0.5, 0.75, 1)]
    return Curve(
        polyline([(mark.x, mark.y) for mark in marks]),
        marks,
        [Tick(share * SQUARE, label) for share, label in ticks],
        [Tick((1 - share) * SQUARE, label) for share, label in ticks],
    )


def position_curve(rows: Sequence[Stretch]) -> Curve:
    """Bits a token against tokens of context, which double from tick to tick."""
    if not rows:
        return Curve("", [], [], [])
    low = math.floor(min(row.bits - row.error for row in rows))
    high = max(math.ceil(max(row.bits + row.error for row in rows)), low + 1)
    widest = max(math.log2(rows[-1].last), 1.0)

    def y(bits: float) -> float:
        return (high - bits) / (high - low) * HEIGHT

    marks = [
        Mark(
            math.log2(row.last) / widest * WIDTH,
            y(row.bits),
            y(row.bits - row.error),
            y(row.bits + row.error),
            f"{row.first}–{row.last}: {row.bits:.2f} ± {row.error:.2f}",
        )
        for row in rows
    ]
    across = [Tick(mark.x, str(row.last)) for mark, row in zip(marks, rows, strict=True)]
    up = [Tick(y(bits), str(bits)) for bits in range(low, high + 1)]
    return Curve(polyline([(mark.x, mark.y) for mark in marks]), marks, across, up)


def polyline(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
