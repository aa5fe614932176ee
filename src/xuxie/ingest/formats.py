"""What a file is, by its name: its format, how it is packed, whether a glob names it."""

import re
from functools import lru_cache
from typing import NamedTuple

PROSE = {".txt", ".md", ".html", ".htm", ".docx", ".pdf"}
TABLES = {".jsonl", ".csv", ".tsv", ".parquet"}
FORMATS = PROSE | TABLES
ARCHIVES = {".zip", ".tar"}
PACKINGS = {".gz", ".zst"}
SHORT = {".tgz": ".tar.gz", ".tzst": ".tar.zst"}


class Format(NamedTuple):
    """`kind` is one of FORMATS or ARCHIVES, empty if unknown; `packing` of PACKINGS, or empty."""

    kind: str
    packing: str


def format_of(name: str) -> Format:
    """(`.jsonl`, `.gz`) for `a.jsonl.gz`, whatever the case."""
    base = name.rpartition("/")[2].lower()
    for short, long in SHORT.items():
        base = base.removesuffix(short) + long if base.endswith(short) else base
    stem, packing = base, ""
    if (found := suffix(base)) in PACKINGS:
        stem, packing = base.removesuffix(found), found
    kind = suffix(stem)
    return Format(kind if kind in FORMATS | ARCHIVES else "", packing)


def suffix(name: str) -> str:
    """`.gz` for `a.gz`; empty for `a` and for `.gz` alone."""
    stem, dot, end = name.rpartition(".")
    return dot + end if stem else ""


def matches(name: str, globs: list[str]) -> bool:
    return any(pattern(glob).fullmatch(name) for glob in globs)


@lru_cache(maxsize=256)
def pattern(glob: str) -> re.Pattern[str]:
    """`**/` any folders or none, `**` anything, `*` and `?` within a folder."""
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", glob)
    return re.compile("".join(words.get(part) or re.escape(part) for part in parts), re.DOTALL)
