"""What clean did, as one self-contained page: no scripts, no addresses, pictures drawn inline.

It reads counts and samples, never documents; identifiers are masked before they come here. Where
the counts do not add up there is no page.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import jinja2

from xuxie.clean.flow import NARROW, WIDE, flow
from xuxie.clean.report_names import Name, named
from xuxie.clean.report_text import changes, difference, plain, visible

Counts = dict[str, int]


@dataclass(frozen=True)
class Entry:
    """A rule or reason: its name, how many documents, their share of all, its samples."""

    name: Name
    documents: int
    share: float
    samples: list[dict[str, Any]]


@dataclass(frozen=True)
class Bar:
    """A figure with its share of the whole and its length beside the longest, both in [0, 1]."""

    name: Name
    value: int
    share: float
    length: float


def page(summary: dict[str, Any], samples: dict[str, Any]) -> str:
    """The report's HTML.

    Args:
        summary: as in metrics/clean.json.
        samples: before and after by rule, removed texts by reason, clusters of near-duplicates and
            repeated lines; identifiers masked.

    Raises:
        AssertionError: documents or characters are lost or counted twice in `summary`.
    """
    check(summary)
    documents = summary["documents"]["in"]
    removed = samples.get("reasons", {})
    return (
        environment()
        .get_template("report.html")
        .render(
            summary=summary,
            flows=[
                (size, flow(summary["sources"], frame))
                for size, frame in (("wide", WIDE), ("narrow", NARROW))
            ],
            reasons=entries(summary["removed"], documents, removed, removed_text),
            rules=entries(summary["rules"], documents, samples.get("rules", {}), changed_text),
            clusters=[cluster(found) for found in samples.get("clusters", [])],
            repeated=samples.get("repeated_lines", []),
            identifiers=[(named(kind), row) for kind, row in summary["identifiers"].items()],
            lengths=lengths(summary["lengths"]),
            languages=bars(summary["languages"]),
            sources=by_size(summary["sources"]),
        )
    )


def environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("xuxie.clean", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {
        "number": "{:,}".format,
        "percent": percent,
        "visible": visible,
        "plain": plain,
    }
    return made


def percent(part: float, whole: float = 1) -> str:
    """A share that never claims all or nothing falsely."""
    share = 100 * part / whole if whole else 0.0
    if 0 < share < 0.1:
        return "< 0.1 %"
    if 99.9 < share < 100:
        return "> 99.9 %"
    return f"{share:.1f} %"


def check(summary: dict[str, Any]) -> None:
    """That everything in is kept or removed for one reason, by source and in all."""
    documents, sources = summary["documents"], summary["sources"].values()
    hold("documents", documents["in"], documents["kept"] + documents["removed"])
    hold("reasons", documents["removed"], sum(summary["removed"].values()))
    for name, row in summary["sources"].items():
        hold(f"source {name!r}", row["in"], row["kept"] + sum(row["removed"].values()))
    for part in ("in", "kept"):
        hold(f"{part} by source", documents[part], sum(row[part] for row in sources))
        characters = sum(row[f"characters_{part}"] for row in sources)
        hold(f"characters {part} by source", summary["characters"][part], characters)
    for reason in {*summary["removed"], *(key for row in sources for key in row["removed"])}:
        parts = sum(row["removed"].get(reason, 0) for row in sources)
        hold(f"{reason} by source", summary["removed"].get(reason, 0), parts)
    hold("lengths", documents["kept"], sum(number for _, number in summary["lengths"]))


def hold(what: str, whole: int, parts: int) -> None:
    """Raised rather than asserted, so that `python -O` checks too."""
    if whole != parts:
        raise AssertionError(f"clean: {what} do not add up: {whole} != {parts}")


def by_size(sources: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return sorted(sources.items(), key=lambda item: (-item[1]["in"], item[0]))


def entries(
    counts: Counts, documents: int, samples: dict[str, list[dict[str, Any]]], prepared: Any
) -> list[Entry]:
    """The rules or reasons of the counts and of the samples, most documents first."""
    codes = sorted({*counts, *samples}, key=lambda code: (-counts.get(code, 0), code))
    return [
        Entry(
            named(code),
            counts.get(code, 0),
            counts.get(code, 0) / max(documents, 1),
            [prepared(sample) for sample in samples.get(code, [])],
        )
        for code in codes
    ]


def removed_text(sample: dict[str, Any]) -> dict[str, Any]:
    return {**sample, "text": visible(sample["text"])}


def changed_text(sample: dict[str, Any]) -> dict[str, Any]:
    before, after = changes(sample["before"], sample["after"])
    return {**sample, "before": before, "after": after}


def cluster(found: dict[str, Any]) -> dict[str, Any]:
    """A cluster with its leader's text and, for each member, how it differs."""
    leader = found["leader"]
    members = [{**m, "text": difference(leader["text"], m["text"])} for m in found["members"]]
    return {**found, "leader": removed_text(leader), "members": members}


def bars(counts: Counts) -> list[Bar]:
    """Most first."""
    whole, longest = max(sum(counts.values()), 1), max([*counts.values(), 1])
    return [
        Bar(named(code), value, value / whole, value / longest)
        for code, value in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def lengths(rows: Iterable[tuple[str, int]]) -> list[Bar]:
    """The classes of length, in their order; `<=   25` as the page writes it."""
    counts = {" ".join(name.replace("<=", "≤").split()): value for name, value in rows}
    whole, longest = max(sum(counts.values()), 1), max([*counts.values(), 1])
    return [
        Bar(Name(name, name, ""), value, value / whole, value / longest)
        for name, value in counts.items()
    ]
