"""A pair of sentences, and the list of pairs as a file that people can read."""

import csv
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from xuxie.errors import Refusal, bad_data
from xuxie.store.files import write_text


@dataclass(frozen=True)
class Pair:
    """Two sentences that differ in one thing: `good` is Chinese, `bad` is not."""

    phenomenon: str
    good: str
    bad: str


COLUMNS = [field.name for field in fields(Pair)]


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    """Tab-separated lines under a heading. No sentence holds a tab, a quote or a line's end."""
    lines = [COLUMNS, *(astuple(pair) for pair in pairs)]
    write_text(path, "".join("\t".join(line) + "\n" for line in lines))


def read_pairs(path: Path) -> list[Pair]:
    """
    Raises:
        Refusal: the file is missing, or a line is not a phenomenon and two different sentences.
    """
    if not path.is_file():
        raise no_list(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    if len(rows) < 2 or rows[0] != COLUMNS:
        raise no_heading(path)
    return [checked(path, number, row) for number, row in enumerate(rows[1:], start=2)]


def checked(path: Path, number: int, cells: list[str]) -> Pair:
    """The pair on a line of a file."""
    if len(cells) != len(COLUMNS) or not all(cells) or cells[1] == cells[2]:
        raise not_a_pair(path, number)
    return Pair(*cells)


def no_list(path: Path) -> Refusal:
    return bad_data(f"没有句对文件 {path}", f"there is no list of pairs at {path}")


def no_heading(path: Path) -> Refusal:
    heading = " ".join(COLUMNS)
    return bad_data(
        f"{path} 应以一行表头（{heading}，用制表符分开）开始，之后每行一对",
        f"{path} must begin with the heading {heading}, divided by tabs, then one pair a line",
    )


def not_a_pair(path: Path, number: int) -> Refusal:
    return bad_data(
        f"{path} 第 {number} 行不是句对：需要现象名和两个不同的句子",
        f"{path}, line {number} is no pair: it takes a phenomenon and two different sentences",
    )
