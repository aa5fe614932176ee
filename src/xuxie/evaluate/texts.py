"""A split's documents as they are scored, and the slices that figures are given for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from xuxie.store.records import read_table

ALL = "all"
Mask = npt.NDArray[np.bool_]
# Years where there are few of them, else longer periods: a table that a person reads to its end.
MOST_PERIODS = 12
PERIODS = (1, 5, 10, 50)


@dataclass(frozen=True)
class Texts:
    """A split's documents, in the order of their scores.

    texts, sources: of each document. groups: number of each document's group.
    domains, dates: of each document; empty where they are not known.
    rows: each document's row in the file of the split; empty for the order it has here.
    """

    texts: list[str]
    sources: list[str]
    groups: npt.NDArray[np.int64]
    domains: list[str] = field(default_factory=list)
    dates: list[date | None] = field(default_factory=list)
    rows: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def slices(self) -> dict[str, Mask]:
        """All documents, then those of each source (one called "all" is "source all")."""
        names = [f"source {ALL}" if name == ALL else name for name in self.sources]
        return {ALL: np.ones(len(names), dtype=bool)} | divided(names)

    def by_domain(self) -> dict[str, Mask]:
        """The documents of each domain; none where domains are the sources again, or one."""
        found = divided(self.domains)
        again = {tuple(mask) for mask in self.slices().values()}
        return {} if {tuple(mask) for mask in found.values()} <= again else found

    def by_period(self) -> dict[str, Mask]:
        """The dated documents of each year, or of longer periods; none where there is but one."""
        years = [day.year if day else None for day in self.dates]
        for length in PERIODS:
            found = divided([period(year, length) for year in years])
            if len(found) <= MOST_PERIODS:
                break
        return found if len(found) > 1 else {}

    def of(self, mask: Mask) -> list[str]:
        return [text for text, chosen in zip(self.texts, mask, strict=True) if chosen]

    def characters(self) -> npt.NDArray[np.float64]:
        return self.measured(len)

    def bytes(self) -> npt.NDArray[np.float64]:
        return self.measured(lambda text: len(text.encode()))

    def measured(self, size: Callable[[str], int]) -> npt.NDArray[np.float64]:
        return np.array([size(text) for text in self.texts], dtype=float)


def divided(names: Sequence[str | None]) -> dict[str, Mask]:
    """Which documents have each name, by name; those without one are in no slice."""
    found = sorted({name for name in names if name is not None})
    numbers: dict[str | None, int] = {name: number for number, name in enumerate(found)}
    index = np.array([numbers.get(name, -1) for name in names])
    return {name: index == number for number, name in enumerate(found)}


def period(year: int | None, length: int) -> str | None:
    """The period a year lies in: 2019, or 2015-2019, which begins at a multiple of its length."""
    if year is None or length == 1:
        return None if year is None else str(year)
    first = year - year % length
    return f"{first}-{first + length - 1}"


def read_texts(path: Path) -> Texts:
    """A split's documents, the groups together and each in its order."""
    table = read_table(path, ["text", "source", "domain", "date", "group", "position"])
    groups = table["group"].combine_chunks().dictionary_encode().indices
    table = (
        table.append_column("number", groups)
        .append_column("row", pa.array(np.arange(len(table))))
        .sort_by([("number", "ascending"), ("position", "ascending")])
    )
    return Texts(
        texts=table["text"].to_pylist(),
        sources=table["source"].to_pylist(),
        groups=table["number"].to_numpy(),
        domains=table["domain"].to_pylist(),
        dates=table["date"].to_pylist(),
        rows=table["row"].to_numpy(),
    )
