"""The flow picture: from every source to what was kept and to each reason of removal. Pure.

Widths are in proportion to documents. Every node owns a slot at least as tall as its label, so that
labels never meet, however thin the flow (a Sankey diagram laid out in two columns).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from xuxie.clean.report_names import named
from xuxie.clean.report_text import plain

KEPT = "kept"
REST = "\0rest"
MOST_SOURCES, MOST_REASONS = 8, 14
# In the units of the picture: all documents together, a label of two lines, the least node.
TALL, LABEL, GAP, THIN, BAR = 300.0, 34.0, 8.0, 2.0, 10.0
COLOURS = 6

Links = Counter[tuple[str, str]]


@dataclass(frozen=True)
class Frame:
    """Where the columns stand: the width, and what the labels take at either side of the bars.

    `cells` are the half widths that a name may take beside its figure. Without margins the labels
    lie on the flow, each in its half: that is for narrow screens.
    """

    width: int
    left: int
    right: int
    source_cells: int
    target_cells: int


WIDE = Frame(960, 190, 250, 15, 26)
NARROW = Frame(380, 0, 0, 12, 20)


@dataclass(frozen=True)
class Node:
    """A bar with its label of two lines: name and figure, English name and share."""

    x: float
    y: float
    height: float
    style: str
    label_x: float
    label_y: float
    anchor: str
    zh: str
    en: str
    documents: int
    share: float


@dataclass(frozen=True)
class Ribbon:
    """What went from one node to another: an SVG path and what it says when pointed at."""

    path: str
    style: str
    source: str
    target: str
    documents: int


@dataclass(frozen=True)
class Flow:
    """The picture, ready for the page."""

    width: int
    height: float
    nodes: list[Node]
    ribbons: list[Ribbon]


@dataclass(frozen=True)
class Slot:
    """Where a node stands in its column."""

    name: str
    documents: int
    top: float
    height: float


def flow(sources: dict[str, Any], frame: Frame = WIDE) -> Flow:
    """The picture of `sources`, as in metrics/clean.json: {name: {in, kept, removed: {}}}."""
    links = grouped(linked(sources))
    total = links.total()
    scale = TALL / max(total, 1)
    columns = [ordered(links, side) for side in (0, 1)]
    height = max(extent(column, scale) for column in columns)
    left, right = (slots(column, scale, height) for column in columns)
    styles = styled(slot.name for slot in right)
    nodes = [node(slot, frame, total, source=True, style="source") for slot in left]
    nodes += [node(slot, frame, total, source=False, style=styles[slot.name]) for slot in right]
    bands = list(ribbons(links, (left, right), scale, frame, styles))
    return Flow(frame.width, height, nodes, bands)


def linked(sources: dict[str, Any]) -> Links:
    links: Links = Counter()
    for name, row in sources.items():
        links[name, KEPT] += row["kept"]
        for reason, documents in row["removed"].items():
            links[name, reason] += documents
    return +links


def grouped(links: Links) -> Links:
    """The same with the smallest sources and reasons, beyond what is readable, as one each."""
    sources = set(largest(totals(links, 0), MOST_SOURCES))
    removed = Counter({k: n for k, n in totals(links, 1).items() if k != KEPT})
    reasons = {KEPT, *largest(removed, MOST_REASONS)}
    found: Links = Counter()
    for (source, target), documents in links.items():
        key = (source if source in sources else REST, target if target in reasons else REST)
        found[key] += documents
    return found


def totals(links: Links, side: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for key, documents in links.items():
        found[key[side]] += documents
    return found


def largest(found: Counter[str], most: int) -> list[str]:
    """The names of the `most` largest, ties by name; one more where only one would be left."""
    names = sorted(found, key=lambda name: (-found[name], name))
    return names if len(names) <= most + 1 else names[:most]


def ordered(links: Links, side: int) -> dict[str, int]:
    """A column from above: what was kept, then by documents, what was grouped last."""
    found = totals(links, side)
    first = {KEPT: -1, REST: 1} if side else {REST: 1}
    names = sorted(found, key=lambda name: (first.get(name, 0), -found[name], name))
    return {name: found[name] for name in names}


def extent(column: dict[str, int], scale: float) -> float:
    return sum(max(n * scale, LABEL) + GAP for n in column.values()) - GAP


def slots(column: dict[str, int], scale: float, height: float) -> list[Slot]:
    """The column's nodes, each in the middle of its slot, the column in the middle of `height`."""
    found, y = [], (height - extent(column, scale)) / 2
    for name, documents in column.items():
        tall = max(documents * scale, THIN)
        room = max(documents * scale, LABEL)
        found.append(Slot(name, documents, y + (room - tall) / 2, tall))
        y += room + GAP
    return found


def styled(names: Iterable[str]) -> dict[str, str]:
    """A colour for each target: its own for what was kept, the reasons take turns."""
    reasons = [name for name in names if name != KEPT]
    return {KEPT: "keep"} | {name: f"c{place % COLOURS}" for place, name in enumerate(reasons)}


def node(slot: Slot, frame: Frame, total: int, *, source: bool, style: str) -> Node:
    zh, en = title(slot.name, source=source)
    cells = frame.source_cells if source else frame.target_cells
    inside = not frame.left
    x = frame.left if source else frame.width - frame.right - BAR
    before = source != inside  # whether the label ends at the bar rather than begins there
    return Node(
        x=x,
        y=slot.top,
        height=slot.height,
        style=style,
        label_x=x - 8 if before else x + BAR + 8,
        label_y=slot.top + slot.height / 2,
        anchor="end" if before else "start",
        zh=plain(zh, cells),
        en=plain(en, cells),
        documents=slot.documents,
        share=slot.documents / max(total, 1),
    )


def title(name: str, *, source: bool) -> tuple[str, str]:
    if name == REST:
        return ("其余来源", "other sources") if source else ("其余原因", "other reasons")
    return (name, "") if source else (named(name).zh, named(name).en)


def ribbons(
    links: Links,
    columns: tuple[list[Slot], list[Slot]],
    scale: float,
    frame: Frame,
    styles: dict[str, str],
) -> Iterator[Ribbon]:
    """One for each pair that has documents, stacked at both ends in the order of the other."""
    begins, ends = frame.left + BAR, frame.width - frame.right - BAR
    down = {slot.name: slot.top for slot in columns[1]}
    for source in columns[0]:
        y = source.top
        for target in (slot.name for slot in columns[1] if links[source.name, slot.name]):
            documents = links[source.name, target]
            path = band(begins, y, ends, down[target], documents * scale)
            names = plain(title(source.name, source=True)[0], 40), title(target, source=False)[0]
            yield Ribbon(path, styles[target], *names, documents)
            y += documents * scale
            down[target] += documents * scale


def band(x: float, y: float, x2: float, y2: float, wide: float) -> str:
    """A closed path between two upright edges of height `wide`."""
    middle = (x + x2) / 2
    return (
        f"M{x:.1f},{y:.2f}C{middle:.1f},{y:.2f} {middle:.1f},{y2:.2f} {x2:.1f},{y2:.2f}"
        f"V{y2 + wide:.2f}C{middle:.1f},{y2 + wide:.2f} {middle:.1f},{y + wide:.2f} "
        f"{x:.1f},{y + wide:.2f}Z"
    )
