"""The fresh check: reads what was written and looks for anything on two sides of the wall.

Nothing it computes was computed before: texts and groups are hashed anew, and near-duplicates are
sought with another MinHash permutation than the one that placed them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from xuxie.clean.duplicates.candidates import BandFiles, Collisions, Flags, collisions
from xuxie.clean.duplicates.sets import ShingleSets
from xuxie.clean.duplicates.settings import DuplicateSettings
from xuxie.clean.duplicates.shingles import Numbers, Shingles, mixed, shingles
from xuxie.clean.duplicates.sketch import banded, signatures
from xuxie.errors import Refusal, bad_data
from xuxie.split.kept import Hashes, batches, hashes, joined, sketching, texts_of
from xuxie.split.place import SIDES, Shelves, Sides
from xuxie.split.settings import LeakSettings

# Which file stands on which side; test and fresh on the same.
WALL = (("train", 0), ("val", 1), ("test", 2), ("fresh", 2))
# Other shingle numbers give another permutation: an independent sketch from the same code.
OTHER_SEED = np.uint64(0x5851F42D4C957F2D)


@dataclass(frozen=True)
class Written:
    """The documents of all files, one after the other."""

    texts: Hashes
    groups: Hashes
    sides: Sides


def check(folder: Path, scratch: Path, leak: LeakSettings) -> int:
    """Compare across the wall; return how many candidates for near-duplicates were compared.

    Raises:
        Refusal: a text, a group or a near-duplicate stands on two sides.
    """
    settings = sketching(leak)
    with BandFiles(scratch, settings.bands * settings.deals) as bands:
        written = read(folder, settings, bands)
    for keys in (written.texts, written.groups):
        if pair := divided(keys, written.sides):
            raise leaking(folder, pair, written.sides)
    every = np.ones(len(written.sides), dtype=np.bool_)
    found = across(collisions(bands.columns(), every), written.sides)
    members = np.zeros(len(written.sides), dtype=np.bool_)
    members[found.documents] = True
    sets = ShingleSets(
        scratch / "check.sets", np.flatnonzero(members), texts(folder, members), leak.ngram
    )
    compared = 0
    for pair in pairs(found, written.sides):
        compared += 1
        if sets.similarity(*pair) >= leak.jaccard:
            raise leaking(folder, pair, written.sides)
    return compared


def read(folder: Path, settings: DuplicateSettings, bands: BandFiles) -> Written:
    found, groups, sides = [], [], []
    for name, side in WALL:
        for batch in batches(folder / f"{name}.parquet", ["text", "group"]):
            rows = batch.to_pydict()
            found.append(hashes(rows["text"]))
            groups.append(hashes(rows["group"]))
            sides.append(np.full(len(batch), side, dtype=np.int8))
            bands.add(other_keys(rows["text"], settings))
    return Written(joined(found, "V16"), joined(groups, "V16"), joined(sides, "i1"))


def other_keys(texts: list[str], settings: DuplicateSettings) -> Numbers:
    """As sketch.band_keys, by another permutation."""
    made = shingles(texts, settings.ngram)
    return banded(
        signatures(Shingles(mixed(made.numbers ^ OTHER_SEED), made.offsets), settings), settings
    )


def texts(folder: Path, chosen: Flags) -> Iterator[list[str]]:
    begin = 0
    for name, _ in WALL:
        path = folder / f"{name}.parquet"
        end = begin + pq.read_metadata(path).num_rows
        yield from (found for _, found in texts_of(path, chosen[begin:end]))
        begin = end


def divided(keys: Hashes, sides: Sides) -> tuple[int, int] | None:
    """Two documents with the same key on different sides, if there are any."""
    _, numbers = np.unique(keys, return_inverse=True)
    order = np.lexsort((sides, numbers))
    key, side = numbers[order], sides[order]
    found = np.flatnonzero((key[1:] == key[:-1]) & (side[1:] != side[:-1]))
    return (int(order[found[0]]), int(order[found[0] + 1])) if len(found) else None


def across(found: Collisions, sides: Sides) -> Collisions:
    """Only the buckets that hold documents of several sides."""
    if not len(found.buckets):
        return found
    held = np.zeros((int(found.buckets.max()) + 1, len(SIDES)), dtype=np.bool_)
    held[found.buckets, sides[found.documents]] = True
    stays = (held.sum(axis=1) > 1)[found.buckets]
    return Collisions(found.documents[stays], found.buckets[stays])


def pairs(found: Collisions, sides: Sides) -> Iterator[tuple[int, int]]:
    """Documents of two sides that share a bucket, each pair once."""
    shelves = Shelves()
    for document, numbers in found.by_document():
        side, buckets = int(sides[document]), numbers.tolist()
        others = [other for other in range(len(SIDES)) if other != side]
        yield from ((other, document) for other in shelves.candidates(buckets, others))
        shelves.put(document, side, buckets)


def leaking(folder: Path, pair: tuple[int, int], sides: Sides) -> Refusal:
    one, other = (f"{origin(folder, place)}（{SIDES[sides[place]]}）" for place in pair)
    english = [text.replace("（", " (").replace("）", ")") for text in (one, other)]
    return bad_data(
        f"泄漏：{one}与 {other}相同或近似；请不要手改 data/splits，重新运行 dvc repro split",
        f"leak: {english[0]} equals or resembles {english[1]}; "
        "leave data/splits as it is written and run dvc repro split again",
    )


def origin(folder: Path, place: int) -> str:
    """Where a document of the written files came from."""
    for name, _ in WALL:
        origins = pq.read_table(folder / f"{name}.parquet", columns=["origin"])["origin"]
        if place < len(origins):
            return str(origins[place].as_py())
        place -= len(origins)
    raise IndexError(place)
