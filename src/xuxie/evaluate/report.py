"""The evaluation as one self-contained page: no scripts, no addresses, pictures drawn inline."""

import csv
import io
from dataclasses import dataclass
from typing import Any

import jinja2

from xuxie.evaluate.minimal_pairs.section import pair_lines

METHODS = {"model": "#1f6feb", "kneser_ney": "#8b949e", "xz": "#d0d7de"}
WIDTH, HEIGHT = 640, 240


@dataclass(frozen=True)
class Bar:
    """One bar: what it stands for, its length in [0, 1], its colour and its figure."""

    source: str
    method: str
    share: float
    colour: str
    value: float


def page(result: dict[str, Any], curves: str, fingerprint: str) -> str:
    """The report's HTML.

    Args:
        result: as in metrics/evaluate.json.
        curves: CSV text with the columns tokens, train, val.
        fingerprint: of the model.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("xuxie.evaluate", "."), autoescape=True, trim_blocks=True
    )
    points = [
        # Before the first step of a pretrained model there is no loss on train yet.
        {name: float(value) for name, value in row.items() if value}
        for row in csv.DictReader(io.StringIO(curves))
    ]
    return environment.get_template("report.html").render(
        result=result,
        pair_lines=pair_lines(result.get("minimal_pairs", {})),
        bars=bars(result),
        lines={name: line(points, name) for name in ("train", "val")},
        axes=axes(points),
        fingerprint=fingerprint,
        width=WIDTH,
        height=HEIGHT,
    )


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
