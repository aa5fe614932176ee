"""Where the lines and points of the report's pictures lie. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

from xuxie.compare.paired import Difference
from xuxie.compare.subject import Curve

WIDTH, HEIGHT, ROW = 640, 260, 30
# Apart also for eyes that see few colours (Okabe and Ito 2008).
COLOURS = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c6d1f",
)  # fmt: skip


@dataclass(frozen=True)
class Tick:
    place: float
    text: str


@dataclass(frozen=True)
class Line:
    """`points` of an SVG polyline: of which model, and of the validation or the train split."""

    model: int
    part: str
    points: str


@dataclass(frozen=True)
class Curves:
    lines: list[Line]
    across: list[Tick]
    up: list[Tick]


@dataclass(frozen=True)
class Bar:
    """An interval in a picture: the point, the interval of documents, and the one with seeds."""

    middle: float
    inner: tuple[float, float]
    outer: tuple[float, float]


def curves(found: list[Curve]) -> Curves | None:
    """Bits per character against tokens seen; None where no model has a curve."""
    points = [point for curve in found for point in curve]
    values = [point[part] for point in points for part in ("train", "val") if part in point]
    if not values:
        return None
    most = max(point["tokens"] for point in points)
    # The first points of a training lie far above all that matters.
    vals = [point["val"] for point in points if "val" in point] or values
    low, high = min(values), max(vals)
    across, up = scale(0, most, 0, WIDTH), scale(low, high, HEIGHT, 0)
    steps = [(most * i / 4, low + (high - low) * i / 4) for i in range(5)]
    lines = [
        Line(model, part, polyline(curve, part, across, up))
        for part in ("train", "val")
        for model, curve in enumerate(found)
    ]
    return Curves(
        [line for line in lines if line.points],
        [Tick(across(tokens), f"{tokens:,.0f}") for tokens, _ in steps],
        [Tick(up(bits), f"{bits:.2f}") for _, bits in steps],
    )


def polyline(
    curve: Curve, part: str, across: Callable[[float], float], up: Callable[[float], float]
) -> str:
    inside = [point for point in curve if part in point and up(point[part]) >= 0]
    return " ".join(f"{across(p['tokens']):.1f},{up(p[part]):.1f}" for p in inside)


def forest(found: list[Difference]) -> tuple[list[Bar], float, list[Tick]]:
    """An interval for each difference, where 0 lies, and ticks, on one scale."""
    edges = [edge for d in found for edge in (*d.bounds(), d.delta) if isfinite(edge)]
    reach = max([abs(edge) for edge in edges] + [1e-9]) * 1.05
    place = scale(-reach, reach, 0, WIDTH)

    def within(value: float) -> float:
        return place(max(-reach, min(reach, value)))

    bars = [
        Bar(
            within(d.delta),
            (within(d.low), within(d.high)),
            (within(d.bounds()[0]), within(d.bounds()[1])),
        )
        for d in found
    ]
    ticks = [Tick(place(reach * i / 2), f"{reach * i / 2:+.3f}") for i in (-2, -1, 1, 2)]
    return bars, place(0), ticks


def scale(low: float, high: float, begin: float, end: float) -> Callable[[float], float]:
    """Maps [low, high] to [begin, end]."""
    span = max(high - low, 1e-12)
    return lambda value: begin + (value - low) / span * (end - begin)
