"""Pairs of others: a folder of JSON lines in the manner of BLiMP and ZhoBLiMP."""

import json
from pathlib import Path

from xuxie.errors import Refusal, bad_data
from xuxie.evaluate.minimal_pairs.pairs import Pair, checked, not_a_pair

# The first that a line has names its phenomenon. ZhoBLiMP has all of the first and the third.
NAMES = ("phenomenon", "paradigm", "UID")


def read_folder(folder: Path) -> list[Pair]:
    """The pairs of all files *.jsonl below a folder, in the order of their names.

    A line has the fields sentence_good and sentence_bad, and a phenomenon; without one the
    file's name stands for it (https://github.com/sjtu-compling/ZhoBLiMP).

    Raises:
        Refusal: there is no such file, or a line is no pair.
    """
    paths = sorted(folder.rglob("*.jsonl"))
    if not paths:
        raise nothing_to_read(folder)
    return [pair for path in paths for pair in read_file(path)]


def read_file(path: Path) -> list[Pair]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [
        parsed(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()
    ]


def parsed(path: Path, number: int, line: str) -> Pair:
    try:
        fields = json.loads(line)
        sentences = [fields["sentence_good"], fields["sentence_bad"]]
    except (ValueError, KeyError, TypeError):
        raise not_a_pair(path, number) from None
    name = next((fields[key] for key in NAMES if key in fields), path.stem)
    if not all(isinstance(cell, str) for cell in (name, *sentences)):
        raise not_a_pair(path, number)
    return checked(path, number, [name, *sentences])


def nothing_to_read(folder: Path) -> Refusal:
    return bad_data(
        f"{folder} 里没有 .jsonl 文件；请给出解压后的句对文件夹",
        f"there are no .jsonl files in {folder}; name the unpacked folder of pairs",
    )
