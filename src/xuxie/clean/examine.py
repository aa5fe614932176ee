"""Second pass: identifiers masked, quality judged, sketches drawn; then who is whose duplicate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from xuxie.clean.duplicates.candidates import BandFiles, collisions
from xuxie.clean.duplicates.leaders import NONE, Verdicts, first_of_equals, near_duplicates
from xuxie.clean.duplicates.sets import ShingleSets
from xuxie.clean.findings import Codes, Columns, Names, binary
from xuxie.clean.mix import over_the_cap
from xuxie.clean.plan import KINDS, examined
from xuxie.clean.regular import Regular
from xuxie.clean.repeated_lines import Flags, Places
from xuxie.clean.settings import CleanSettings
from xuxie.engine.settings import EngineSettings
from xuxie.store.records import SCHEMA

STAYS = ""


class Removal(StrEnum):
    """Reasons that take more than the document itself to find; the others are in `judge`."""

    IDENTIFIERS = "identifiers"
    REPEATED_TEXT = "repeated_text"
    LANGUAGE_MIX = "language_mix"
    DUPLICATE = "duplicate"
    NEAR_DUPLICATE = "near_duplicate"


@dataclass(frozen=True)
class Examined:
    """The texts as they will be written, in their order, and what was found of each.

    reasons: the number in `reason_names` of why the document goes; that of STAYS if it stays.
    leaders: of a duplicate, the document that stays in its place; else NONE.
    identifiers: for each kind, in every document, how many were found.
    """

    path: Path
    ids: npt.NDArray[np.void]
    reasons: Codes
    reason_names: list[str]
    languages: Codes
    language_names: list[str]
    characters: Places
    identifiers: dict[str, tuple[int, int]]
    near: Verdicts
    leaders: Places


class Pass:
    """Collects what the second pass finds, a table at a time."""

    def __init__(self, bands: BandFiles) -> None:
        self.bands, self.reasons, self.languages = bands, Names(), Names()
        self.reasons.coded(pa.chunked_array([[STAYS]]))
        self.columns = Columns("ids", "hashes", "reasons", "languages", "characters")
        self.found = np.zeros((2, len(KINDS)), dtype=np.int64)

    def add(self, table: pa.Table) -> None:
        keys = table["keys"].combine_chunks().flatten().to_numpy().astype(np.uint64)
        self.bands.add(keys.reshape(len(table), -1))
        self.columns.add(
            ids=binary([bytes.fromhex(name) for name in table["id"].to_pylist()]),
            hashes=binary(table["hash"].to_pylist()),
            reasons=self.reasons.coded(table["reason"]),
            languages=self.languages.coded(table["language"]),
            characters=np.fromiter(map(len, table["text"].to_pylist()), np.int64, len(table)),
        )
        counts = np.array(table["found"].combine_chunks().flatten(), dtype=np.int64)
        rows = counts.reshape(-1, len(KINDS))
        self.found += np.stack([rows.sum(axis=0), (rows > 0).sum(axis=0)])

    def identifiers(self) -> dict[str, tuple[int, int]]:
        """Of each kind that occurs: how many, and in how many documents."""
        pairs = zip(KINDS, self.found[0].tolist(), self.found[1].tolist(), strict=True)
        return {kind.value: (many, documents) for kind, many, documents in pairs if many}


def examine(
    regular: Regular, scratch: Path, settings: CleanSettings, engine: EngineSettings
) -> Examined:
    path = scratch / "examined.parquet"
    width = settings.duplicates.deals * settings.duplicates.bands
    with (
        pq.ParquetWriter(path, SCHEMA, compression="lz4") as file,
        BandFiles(scratch, width) as bands,
    ):
        found = Pass(bands)
        for table in examined(regular.path, settings, engine):
            file.write_table(table.select(SCHEMA.names).cast(SCHEMA))
            found.add(table)
    return resolved(path, scratch, found, regular.repeated, settings)


def resolved(
    path: Path, scratch: Path, found: Pass, repeated: Places, settings: CleanSettings
) -> Examined:
    """The reasons that depend on other documents, each among those that still stay."""
    reasons = found.columns.whole("reasons").astype(np.int32)
    languages = found.columns.whole("languages").astype(np.int32)
    characters = found.columns.whole("characters").astype(np.int64)
    hashes, ids = (found.columns.whole(name).view("V16") for name in ("hashes", "ids"))

    def remove(gone: Flags | Places, reason: Removal) -> Flags:
        reasons[gone] = found.reasons.coded(pa.chunked_array([[reason.value]]))[0]
        stays: Flags = reasons == 0
        return stays

    remove(repeated[reasons[repeated] == 0], Removal.REPEATED_TEXT)
    names = np.array(found.languages.names() or [""])
    many = over_the_cap(names[languages], characters, reasons == 0, settings.mix)
    stays = remove(many, Removal.LANGUAGE_MIX)
    leaders = np.full(len(reasons), NONE, dtype=np.int64)
    if settings.duplicates.exact:
        leaders = first_of_equals(hashes, stays)
        stays = remove(leaders != NONE, Removal.DUPLICATE)
    near = Verdicts(np.full(len(reasons), NONE, dtype=np.int64))
    if settings.duplicates.near:
        near = near_equal(path, scratch, found.bands, stays, settings)
        remove(near.duplicates(), Removal.NEAR_DUPLICATE)
        leaders = np.where(near.leaders != NONE, near.leaders, leaders)
    return Examined(
        path=path,
        ids=ids,
        reasons=reasons,
        reason_names=found.reasons.names(),
        languages=languages,
        language_names=found.languages.names(),
        characters=characters,
        identifiers=found.identifiers(),
        near=near,
        leaders=staying(leaders),
    )


def staying(leaders: Places) -> Places:
    """The document that stays, also where the one that a duplicate equals goes itself."""
    again = np.where(leaders != NONE, leaders[leaders], NONE)
    return np.where(again != NONE, again, leaders)


def near_equal(
    path: Path, scratch: Path, bands: BandFiles, stays: Flags, settings: CleanSettings
) -> Verdicts:
    chosen = settings.duplicates
    found = collisions(bands.columns(), stays)
    members = found.members()
    texts = (batch for _, batch in texts_at(path, members))
    sets = ShingleSets(scratch / "shingles", members, texts, chosen.ngram)
    return near_duplicates(found, len(stays), sets.similarity, chosen.jaccard)


def texts_at(
    path: Path, places: Places, name: str = "text"
) -> Iterator[tuple[Places, Sequence[str]]]:
    """The texts of the documents at `places`, which are in order; a part of the file at a time."""
    first = 0
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            rows = file.metadata.row_group(number).num_rows
            low, high = np.searchsorted(places, (first, first + rows))
            if high > low:
                column = file.read_row_group(number, [name])[name]
                yield places[low:high], column.take(places[low:high] - first).to_pylist()
            first += rows
