"""The picture and the table of the retraining demonstration. Pure."""

from collections.abc import Sequence
from html import escape
from typing import Any

Row = dict[str, Any]
# Characters below which a batch's figure is chance: it stands in the table alone.
LEAST = 1000
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 860, 350, 64, 74, 60
COLOURS = {"promote": "#1a7f37", "hold": "#bf8700", "reject": "#cf222e", "nothing": "#8b949e"}
WORDS = {
    "promote": "晋升 promoted",
    "hold": "保留 held",
    "reject": "拒绝 rejected",
    "nothing": "未重训 nothing due",
}
NEVER, CURRENT = "#d55e00", "#0072b2"
FONT = "font-family=\"system-ui, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif\""


def picture(rows: Sequence[Row]) -> str:
    """SVG: bits per character on each batch, never retrained and retrained, and each verdict."""
    shown = [row for row in rows if row["never"] is not None and row["characters"] >= LEAST]
    values = [row[name] for row in shown for name in ("never", "current")]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    wide = (WIDTH - LEFT - 20) / max(1, len(shown) - 1)

    def across(number: int) -> float:
        return LEFT + number * wide

    def up(value: float) -> float:
        return HEIGHT - BOTTOM - (value - low) / max(high - low, 1e-9) * (HEIGHT - BOTTOM - TOP)

    parts = [*axes(low, high, up), *legend()]
    for name, colour in (("never", NEVER), ("current", CURRENT)):
        points = " ".join(f"{across(n):.1f},{up(row[name]):.1f}" for n, row in enumerate(shown))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>'
        )
    for number, row in enumerate(shown):
        parts += batch(row, across(number), up(row["current"]))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {FONT}'
        f' role="img">\n<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n{body}\n</svg>\n'
    )


def axes(low: float, high: float, up: Any) -> list[str]:
    steps = [low + (high - low) * part / 4 for part in range(5)]
    return [
        f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{up(step):.1f}" y2="{up(step):.1f}"'
        f' stroke="#d0d7de"/>'
        f'<text x="{LEFT - 8}" y="{up(step) + 4:.1f}" text-anchor="end" font-size="12">'
        f"{step:.2f}</text>"
        for step in steps
    ]


def legend() -> list[str]:
    lines = ((NEVER, "从不重训 never retrained"), (CURRENT, "当时的冠军 champion of the time"))
    found = [
        f'<line x1="{LEFT + 230 * n}" x2="{LEFT + 24 + 230 * n}" y1="36" y2="36" stroke="{colour}"'
        f' stroke-width="3"/><text x="{LEFT + 30 + 230 * n}" y="40" font-size="13">{words}</text>'
        for n, (colour, words) in enumerate(lines)
    ]
    dots = [
        f'<circle cx="{LEFT + 6 + 180 * n}" cy="56" r="5" fill="{COLOURS[name]}"/>'
        f'<text x="{LEFT + 16 + 180 * n}" y="60" font-size="12">{WORDS[name]}</text>'
        for n, name in enumerate(COLOURS)
    ]
    title = (
        f'<text x="{LEFT}" y="18" font-size="13" font-weight="bold">'
        "每批新文本上的比特/字（训练之前），越低越好"
        " bits per character on each batch before it was trained on</text>"
    )
    return [*found, *dots, title]


def batch(row: Row, x: float, y: float) -> list[str]:
    colour = COLOURS.get(row["outcome"], "#000")
    base = HEIGHT - BOTTOM + 14
    return [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="{colour}" stroke="#fff"/>',
        f'<text transform="translate({x + 4:.1f} {base}) rotate(-45)" text-anchor="end"'
        f' font-size="11">{row["date"]}</text>',
    ]


def page(rows: Sequence[Row]) -> str:
    table = "\n".join(table_row(row) for row in rows)
    names = (
        "批次 batch",
        "字 characters",
        "结果 outcome",
        "方式 strategy",
        "冠军 champion",
        "从不重训 never retrained",
        "当时的冠军 champion of the time",
        "秒 seconds",
        "原因 why",
    )
    head = "".join(f"<th>{name}</th>" for name in names)
    style = (
        "body{font:15px/1.6 system-ui,'Noto Sans CJK SC',sans-serif;max-width:70rem;"
        "margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}"
        "td,th{border-bottom:1px solid #d0d7de;padding:.3rem .5rem;text-align:left}"
    )
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>xuxie · 重训演示'
        f"</title><style>{style}</style></head><body><h1>重训演示 <small>Retraining on real batches"
        f"</small></h1>{picture(rows)}<table><tr>{head}</tr>\n{table}\n</table></body></html>\n"
    )


def table_row(row: Row) -> str:
    cells = (
        row["date"],
        f"{row['characters']:,}",
        WORDS.get(row["outcome"], row["outcome"]),
        row["strategy"],
        f"v{row['champion']}" if row["champion"] else "",
        number(row["never"]),
        number(row["current"]),
        f"{row['seconds']:.0f}",
        "; ".join(row["reasons"]),
    )
    return "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in cells) + "</tr>"


def number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
