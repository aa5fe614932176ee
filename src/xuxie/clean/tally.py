"""Counts what clean keeps and removes, by source, reason and length, as tables pass."""

from bisect import bisect_left
from collections import Counter
from typing import Any

import pyarrow as pa

# Upper ends of the classes in the picture of document lengths, in characters.
LENGTHS = (25, 50, 100, 200, 400, 800, 1600, 3200)


class Tally:
    """Documents and characters by source and reason; the reason of what stays is empty."""

    def __init__(self) -> None:
        self.documents: Counter[tuple[str, str]] = Counter()
        self.characters: Counter[tuple[str, str]] = Counter()
        self.lengths: Counter[int] = Counter()

    def add(self, table: pa.Table) -> None:
        """Count a table with the columns source, reason and text."""
        columns = (table[name].to_pylist() for name in ("source", "reason", "text"))
        for source, reason, text in zip(*columns, strict=True):
            self.documents[source, reason] += 1
            self.characters[source, reason] += len(text)
            if not reason:
                self.lengths[bisect_left(LENGTHS, len(text))] += 1

    def kept(self) -> int:
        return sum(number for (_, reason), number in self.documents.items() if not reason)

    def reasons(self) -> dict[str, int]:
        totals: Counter[str] = Counter()
        for (_, reason), number in self.documents.items():
            if reason:
                totals[reason] += number
        return dict(totals)

    def report(self) -> dict[str, Any]:
        """For metrics/clean.json. In = kept + removed, by source too."""
        sources = sorted({source for source, _ in self.documents})
        return {
            "documents": {
                "in": self.documents.total(),
                "kept": self.kept(),
                "removed": self.documents.total() - self.kept(),
            },
            "removed": self.reasons(),
            "sources": {source: self.of(source) for source in sources},
        }

    def of(self, source: str) -> dict[str, int]:
        total = sum(number for (name, _), number in self.documents.items() if name == source)
        kept = self.documents[source, ""]
        return {
            "kept": kept,
            "removed": total - kept,
            "characters_kept": self.characters[source, ""],
        }

    def reason_rows(self) -> list[tuple[str, str, int]]:
        return sorted(
            (source, reason, n) for (source, reason), n in self.documents.items() if reason
        )

    def length_rows(self) -> list[tuple[str, int]]:
        # Padded, so that the picture, which sorts them as text, has them in order.
        names = [*(f"<= {end:4}" for end in LENGTHS), f"> {LENGTHS[-1]}"]
        return [(name, self.lengths[index]) for index, name in enumerate(names)]
