"""The division as one self-contained page: no scripts, no addresses. Pure."""

from dataclasses import dataclass
from typing import Any

import jinja2

from xuxie.split.settings import SplitSettings
from xuxie.split.strata import BY, PARTS

COLOURS = {
    "train": "#1f6feb",
    "val": "#bf8700",
    "test": "#1a7f37",
    "fresh": "#8250df",
    "aside": "#8b949e",
}
NAMES = {"train": "训练", "val": "验证", "test": "固定测试", "fresh": "新测试", "aside": "搁置"}
TITLES = {"sources": "来源 source", "domains": "领域 domain", "years": "年份 year"}
SPECIAL = {"none": "未分 none", "undated": "无日期 undated"}
# Bars of one kind; the rest is summed up in one.
MOST = 30
REST = "其余 others"


@dataclass(frozen=True)
class Bar:
    """One stratum: its documents and characters by part, and each part's width in per cent."""

    name: str
    documents: dict[str, int]
    widths: dict[str, float]
    total: int


def page(result: dict[str, Any], settings: SplitSettings) -> str:
    """The report's HTML.

    Args:
        result: as in metrics/split.json.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("xuxie.split", "."), autoescape=True, trim_blocks=True
    )
    return environment.get_template("report.html").render(
        result=result,
        settings=settings,
        groups=[(TITLES[kind], bars(kind, result[kind])) for kind in BY],
        parts=PARTS,
        colours=COLOURS,
        names=NAMES,
    )


def bars(kind: str, strata: dict[str, Any]) -> list[Bar]:
    """The largest strata by characters, years in their order, and the rest."""
    totals = {name: sum(row["characters"].values()) for name, row in strata.items()}
    names = sorted(strata, key=lambda name: (-totals[name], name))
    shown, rest = names[:MOST], names[MOST:]
    if kind == "years":
        shown.sort()
    made = [bar(SPECIAL.get(name, name), [strata[name]]) for name in shown]
    return made + ([bar(f"{REST} ({len(rest)})", [strata[name] for name in rest])] if rest else [])


def bar(name: str, rows: list[dict[str, Any]]) -> Bar:
    documents, characters = (
        {part: sum(row[kind][part] for row in rows) for part in PARTS}
        for kind in ("documents", "characters")
    )
    total = sum(characters.values())
    widths = {part: 100 * number / max(total, 1) for part, number in characters.items()}
    return Bar(name, documents, widths, total)
