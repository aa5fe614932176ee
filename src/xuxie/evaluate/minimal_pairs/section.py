"""What the report shows of minimal pairs (section.html)."""

from dataclasses import dataclass
from typing import Any

from xuxie.evaluate.minimal_pairs.templates import phenomena
from xuxie.evaluate.texts import ALL

KNOWN, UNSURE, WRONG = "#1f6feb", "#8b949e", "#cf222e"
GUESSING = 0.5


@dataclass(frozen=True)
class Line:
    """One phenomenon: its names, the colour that says whether it is known, its figures."""

    chinese: str
    english: str
    colour: str
    figures: dict[str, Any]


def pair_lines(table: dict[str, dict[str, Any]]) -> list[Line]:
    """A line for "all" and for each phenomenon, in the order of the table."""
    return [Line(*names(key), colour(row), row) for key, row in table.items()]


def names(key: str) -> tuple[str, str]:
    """Chinese and English; a phenomenon of somebody else's list has the name they gave it."""
    if key == ALL:
        return "全部", "all"
    known = phenomena().get(key)
    return (known.chinese, known.english) if known else (key, "")


def colour(row: dict[str, Any]) -> str:
    """Known where the whole interval is above both baselines, wrong where it is below chance."""
    if row["accuracy_low"] > max(GUESSING, row["accuracy_token_count"]):
        return KNOWN
    return WRONG if row["accuracy_high"] < GUESSING else UNSURE
