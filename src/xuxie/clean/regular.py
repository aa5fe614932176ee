"""First pass: every text made regular, then without lines that repeat in many documents.

Texts wait in scratch files, in the order of arrival, never in memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xuxie.clean.findings import Codes, Columns, LineIndex, Names
from xuxie.clean.plan import normal
from xuxie.clean.repeated_lines import (
    Flags,
    Numbers,
    Places,
    cut,
    line_hash,
    mostly_repeated,
    without,
)
from xuxie.clean.settings import CleanSettings
from xuxie.engine.settings import EngineSettings
from xuxie.store.records import SCHEMA


@dataclass(frozen=True)
class Cut:
    """What repeated lines took away, and the commonest of them with their number."""

    lines: int = 0
    documents: int = 0
    characters: int = 0
    commonest: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Regular:
    """The regular texts in their order, and how they came to be.

    sources: the number of each document's source in `source_names`.
    characters: of each text as it came in.
    rules: for each rule the documents it changed.
    repeated: documents that hold little but repeated lines; they keep them, and go.
    """

    path: Path
    sources: Codes
    source_names: list[str]
    characters: Places
    rules: dict[str, Places]
    repeated: Places
    cut: Cut


def made_regular(
    documents: Path, scratch: Path, settings: CleanSettings, engine: EngineSettings
) -> Regular:
    path, names, index = scratch / "regular.parquet", Names(), LineIndex()
    columns, rules = Columns("sources", "characters"), RuleIndex()
    with pq.ParquetWriter(path, SCHEMA, compression="lz4") as file:
        for table in normal(documents, settings, engine):
            file.write_table(table.select(SCHEMA.names).cast(SCHEMA))
            sources = names.coded(table["source"])
            columns.add(sources=sources, characters=table["characters"].to_numpy())
            rules.add(table["rules"].combine_chunks())
            index.add(sources, *(table[name].combine_chunks() for name in ("lines", "lengths")))
    path, repeated, taken = tidied(path, index, settings)
    return Regular(
        path=path,
        sources=columns.whole("sources").astype(np.int32),
        source_names=names.names(),
        characters=columns.whole("characters").astype(np.int64),
        rules=rules.documents(),
        repeated=repeated,
        cut=taken,
    )


class RuleIndex:
    """Which documents each rule changed."""

    def __init__(self) -> None:
        self.total = 0
        self.parts: dict[str, list[Places]] = {}

    def add(self, rules: pa.ListArray) -> None:
        counts = np.diff(rules.offsets.to_numpy())
        documents = np.repeat(np.arange(len(rules)), counts) + self.total
        names = np.array(rules.flatten().to_pylist(), dtype=object)
        for name in dict.fromkeys(names):
            self.parts.setdefault(str(name), []).append(documents[names == name])
        self.total += len(rules)

    def documents(self) -> dict[str, Places]:
        return {name: np.concatenate(parts) for name, parts in sorted(self.parts.items())}


def tidied(path: Path, index: LineIndex, settings: CleanSettings) -> tuple[Path, Places, Cut]:
    """The texts without repeated lines, who has little else, and what that took away."""
    lines = index.lines()
    gone = cut(lines, settings.repeated_lines)
    repeated = mostly_repeated(lines, gone, settings.repeated_lines)
    gone &= ~np.isin(lines.documents, repeated)
    if not gone.any():
        return path, repeated, Cut()
    flags = by_document(lines.documents, gone)
    commonest = Commonest(lines.hashes[gone])
    shorter = path.with_name("tidied.parquet")
    with pq.ParquetWriter(shorter, SCHEMA, compression="lz4") as file:
        for first, table in numbered(path):
            file.write_table(shortened(table, first, flags, commonest))
    path.unlink()
    taken = Cut(
        lines=int(gone.sum()),
        documents=len(flags),
        characters=int(lines.lengths[gone].sum()),
        commonest=commonest.lines(),
    )
    return shorter, repeated, taken


def by_document(documents: Places, gone: Flags) -> dict[int, Flags]:
    """For each document that loses lines: which of its lines go."""
    found, starts = np.unique(documents, return_index=True)
    parts = zip(found.tolist(), starts, np.append(starts, len(documents))[1:], strict=True)
    return {place: gone[start:end] for place, start, end in parts if gone[start:end].any()}


def numbered(path: Path) -> Iterator[tuple[int, pa.Table]]:
    """The documents of a file part by part, each with the number of its first document."""
    first = 0
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            table = file.read_row_group(number)
            yield first, table
            first += len(table)


def shortened(
    table: pa.Table, first: int, flags: dict[int, Flags], commonest: "Commonest"
) -> pa.Table:
    texts = table["text"].to_pylist()
    for place, text in enumerate(texts):
        if (gone := flags.get(first + place)) is not None:
            commonest.note([line for line, out in zip(text.split("\n"), gone, strict=True) if out])
            texts[place] = without(text, gone.tolist())
    column = table.schema.get_field_index("text")
    return table.set_column(column, "text", pa.array(texts, pa.string()))


class Commonest:
    """Remembers the lines that are cut most often, to be shown."""

    MOST = 5

    def __init__(self, hashes: Numbers) -> None:
        values, counts = np.unique(hashes, return_counts=True)
        top = np.argsort(-counts, kind="stable")[: self.MOST]
        self.counts = {int(values[place]): int(counts[place]) for place in top}
        self.texts: dict[int, str] = {}

    def note(self, lines: list[str]) -> None:
        if len(self.texts) < len(self.counts):
            self.texts |= {
                line_hash(line): line for line in lines if line_hash(line) in self.counts
            }

    def lines(self) -> tuple[tuple[str, int], ...]:
        return tuple((self.texts[number], count) for number, count in self.counts.items())
