"""The evaluation as one self-contained page: no scripts, no addresses, pictures drawn inline."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jinja2

from xuxie.evaluate.calibration import Bin
from xuxie.evaluate.minimal_pairs.section import pair_lines
from xuxie.evaluate.pictures import HEIGHT, SQUARE, WIDTH, position_curve, reliability_curve
from xuxie.evaluate.positions import Stretch
from xuxie.evaluate.surprisal import Heat, Piece
from xuxie.evaluate.texts import ALL

METHODS = {"model": "var(--model)", "kneser_ney": "var(--counts)", "xz": "var(--packer)"}
# Bits per character from which a piece has each tint; guessing among 8,000 costs 13.
TINTS = (1, 2, 3, 4.5, 6, 8, 10, 13)
DIVISIONS = {"domains": ("领域", "By domain"), "periods": ("年份", "By date")}


@dataclass(frozen=True)
class Bar:
    """One bar: what it stands for, its length in [0, 1], its colour and its figure."""

    source: str
    method: str
    share: float
    colour: str
    value: float


@dataclass(frozen=True)
class Range:
    """A slice's row and where its figure and its interval lie on a scale, in per cent."""

    name: str
    row: dict[str, Any]
    left: float
    width: float
    place: float


def page(
    result: dict[str, Any],
    curves: str,
    fingerprint: str,
    reliability: Sequence[Bin] = (),
    positions: Sequence[Stretch] = (),
    heats: Sequence[Heat] = (),
) -> str:
    """The report's HTML.

    Args:
        result: as in metrics/evaluate.json.
        curves: CSV text with the columns tokens, train, val.
        fingerprint: of the model.
        reliability, positions: curves of the test split; without rows they are not drawn.
        heats: the documents to show piece by piece.
    """
    points = [
        # Before the first step of a pretrained model there is no loss on train yet.
        {name: float(value) for name, value in row.items() if value}
        for row in csv.DictReader(io.StringIO(curves))
    ]
    return (
        environment()
        .get_template("report.html")
        .render(
            result=result,
            whole=result["test"][ALL],
            simpler={name: table[ALL] for name, table in result["baselines"]["test"].items()},
            divisions=divisions(result),
            pair_lines=pair_lines(result.get("minimal_pairs", {})),
            bars=bars(result),
            lines={name: line(points, name) for name in ("train", "val")},
            axes=axes(points),
            reliability=reliability_curve(reliability),
            positions=position_curve(positions),
            heats=heats,
            tints=TINTS,
            fingerprint=fingerprint,
            width=WIDTH,
            height=HEIGHT,
            square=SQUARE,
        )
    )


def environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("xuxie.evaluate", "."), autoescape=True, trim_blocks=True
    )
    made.filters |= {"tint": tint, "told": told}
    return made


def tint(piece: Piece) -> int:
    """How strongly a piece is tinted, by its bits per character: 0 to len(TINTS)."""
    return sum(piece.bits / max(len(piece.text), 1) >= limit for limit in TINTS)


def told(piece: Piece) -> str:
    """What is said of a piece when the mouse rests on it."""
    rows = [f"{chance:6.1%}  {text}" for text, chance in piece.expected]
    return "\n".join([f"{piece.text}  {piece.bits:.1f} 比特 bits", "模型预期 expected:", *rows])


def divisions(result: dict[str, Any]) -> list[tuple[tuple[str, str], list[Range]]]:
    """The slices of the test split by domain and by date, each with the names of the division."""
    found = []
    for division, names in DIVISIONS.items():
        if table := result.get(division, {}).get("test"):
            found.append((names, ranges({ALL: result["test"][ALL]} | table)))
    return found


def ranges(table: dict[str, dict[str, Any]]) -> list[Range]:
    """Rows on one scale, from the lowest end of an interval to the highest."""
    low = min(row["bits_per_character_low"] for row in table.values())
    high = max(row["bits_per_character_high"] for row in table.values())
    scale = 100 / max(high - low, 1e-9)
    return [
        Range(
            name,
            row,
            (row["bits_per_character_low"] - low) * scale,
            (row["bits_per_character_high"] - row["bits_per_character_low"]) * scale,
            (row["bits_per_character"] - low) * scale,
        )
        for name, row in table.items()
    ]


def bars(result: dict[str, Any]) -> list[Bar]:
    """On the test split: the model and its baselines, source by source."""
    found = []
    for source, row in result["test"].items():
        values = {"model": row["bits_per_character"]}
        values |= {name: table[source] for name, table in result["baselines"]["test"].items()}
        for name, value in values.items():
            colour = METHODS[next(method for method in METHODS if name.startswith(method))]
            found.append(Bar(source, name, value, colour, value))
    longest = max(bar.value for bar in found)
    return [Bar(b.source, b.method, b.value / longest, b.colour, b.value) for b in found]


def axes(points: list[dict[str, float]]) -> dict[str, float]:
    values = [point[name] for point in points for name in ("train", "val") if name in point]
    return {"low": min(values), "high": max(values), "tokens": max(p["tokens"] for p in points)}


def line(points: list[dict[str, float]], name: str) -> str:
    """A curve as the `points` of an SVG polyline."""
    frame = axes(points)
    height = max(frame["high"] - frame["low"], 1e-9)
    return " ".join(
        f"{point['tokens'] / frame['tokens'] * WIDTH:.1f},"
        f"{(frame['high'] - point[name]) / height * HEIGHT:.1f}"
        for point in points
        if name in point
    )
