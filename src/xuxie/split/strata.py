"""Documents and characters of every part by source, domain and year. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

PARTS = ("train", "val", "test", "fresh", "aside")
BY = ("sources", "domains", "years")
UNDATED = "undated"
NONE = "none"


class Strata:
    """Counts documents and characters as they are divided."""

    def __init__(self) -> None:
        self.documents: Counter[tuple[str, str, str]] = Counter()
        self.characters: Counter[tuple[str, str, str]] = Counter()

    def add(self, parts: Sequence[str], rows: dict[str, list[Any]]) -> None:
        """Args: rows: columns text, source, domain and date of documents."""
        for part, text, source, domain, day in zip(
            parts, rows["text"], rows["source"], rows["domain"], rows["date"], strict=True
        ):
            for key in (
                ("all", "all", part),
                ("sources", source, part),
                ("domains", domain or NONE, part),
                ("years", year(day), part),
            ):
                self.documents[key] += 1
                self.characters[key] += len(text)

    def total(self, part: str) -> int:
        """The documents of a part."""
        return self.documents["all", "all", part]

    def report(self) -> dict[str, Any]:
        documents, characters = (
            self.parts(counts, "all", "all") for counts in (self.documents, self.characters)
        )
        return {
            "documents": documents,
            "characters": characters,
            "shares": {"documents": shares(documents), "characters": shares(characters)},
            **{kind: self.by(kind) for kind in BY},
        }

    def by(self, kind: str) -> dict[str, Any]:
        names = sorted({name for found, name, _ in self.documents if found == kind})
        return {
            name: {
                "documents": self.parts(self.documents, kind, name),
                "characters": self.parts(self.characters, kind, name),
            }
            for name in names
        }

    @staticmethod
    def parts(counts: Counter[tuple[str, str, str]], kind: str, name: str) -> dict[str, int]:
        return {part: counts[kind, name, part] for part in PARTS}


def year(day: date | None) -> str:
    return f"{day.year:04}" if day else UNDATED


def shares(counts: dict[str, int]) -> dict[str, float]:
    total = max(sum(counts.values()), 1)
    return {part: number / total for part, number in counts.items()}
