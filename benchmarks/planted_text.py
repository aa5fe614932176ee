"""Text as a retraining finds it: what the champion learned from, what came since, and damage.

Of the pipeline's splits a share of the train groups; half of all groups count as the first arrival,
the others came later. Test documents of the first make the frozen test, the others the fresh one.
"""

import random
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xuxie.store.directories import whole_directory

# Of the train groups, in per cent: a few hundred thousand characters, read in seconds. Of val, as
# it is scored for nothing but the figures of seed noise.
TRAIN, VAL = 10, 25
NOISY = 0.3
Change = Callable[[pa.Table, random.Random], pa.Table]


def part_of(table: pa.Table, salt: str, per_cent: int) -> pa.Table:
    """The groups whose number, by the salt, is below `per_cent`."""
    names = [f"{salt}:{group}" for group in table["group"].to_pylist()]
    return table.filter(pa.array([zlib.crc32(name.encode()) % 100 < per_cent for name in names]))


def with_arrivals(table: pa.Table, salt: str) -> pa.Table:
    """Half of the groups are of arrival 1, the others of arrival 2."""
    names = [f"{salt}:{group}" for group in table["group"].to_pylist()]
    numbers = [1 + (zlib.crc32(name.encode()) >> 8) % 2 for name in names]
    place = table.column_names.index("arrival")
    return table.set_column(place, table.schema.field("arrival"), pa.array(numbers, pa.int32()))


def old(table: pa.Table, _: random.Random) -> pa.Table:
    return table.filter(pa.compute.equal(table["arrival"], 1))


def everything(table: pa.Table, _: random.Random) -> pa.Table:
    return table


def new_of(source: str) -> Change:
    """Only what came later, and of one source."""

    def change(table: pa.Table, _: random.Random) -> pa.Table:
        later = table.filter(pa.compute.equal(table["arrival"], 2))
        return later.filter(pa.compute.equal(later["source"], source))

    return change


def noisy(table: pa.Table, chance: random.Random) -> pa.Table:
    """NOISY of the old text's characters are replaced by others of the same text."""
    kept = old(table, chance)
    every = "".join(kept["text"].to_pylist())

    def damage(text: str) -> str:
        return "".join(chance.choice(every) if chance.random() < NOISY else sign for sign in text)

    return with_texts(kept, damage)


def shuffled(table: pa.Table, chance: random.Random) -> pa.Table:
    """NOISY of the old documents have their characters in random order."""

    def damage(text: str) -> str:
        if chance.random() >= NOISY:
            return text
        return "".join(chance.sample(text, len(text)))

    return with_texts(old(table, chance), damage)


def with_texts(table: pa.Table, change: Callable[[str], str]) -> pa.Table:
    place = table.column_names.index("text")
    texts = pa.array([change(text) for text in table["text"].to_pylist()], pa.string())
    return table.set_column(place, "text", texts.cast(table.schema.field("text").type))


CHANGES: dict[str, Change] = {
    "old": old,
    "everything": everything,
    "noisy": noisy,
    "shuffled": shuffled,
    "reviews": new_of("reviews"),
    "statutes": new_of("statutes"),
}


def splits(source: Path, out: Path, name: str, halving: int) -> Path:
    """`train` changed as `name` says, and val of its sources; test and fresh are always the same.

    Args:
        halving: which groups are taken at all, and which of them came later.
    """
    if (out / "COMPLETE").exists():
        return out
    salt, chance = str(halving), random.Random(halving)
    train = part_of(pq.read_table(source / "train.parquet"), salt, TRAIN)
    val = part_of(pq.read_table(source / "val.parquet"), salt, VAL)
    test = with_arrivals(pq.read_table(source / "test.parquet"), salt)
    with whole_directory(out) as folder:
        changed = CHANGES[name](with_arrivals(train, salt), chance)
        pq.write_table(changed, folder / "train.parquet")
        # Training keeps what does best on val: beside both sources it kept the champion it began
        # from, and forgot nothing.
        known = pa.compute.is_in(val["source"], value_set=changed["source"].unique())
        pq.write_table(with_arrivals(val.filter(known), salt), folder / "val.parquet")
        numbers = np.asarray(test["arrival"])
        pq.write_table(test.filter(pa.array(numbers == 1)), folder / "test.parquet")
        pq.write_table(test.filter(pa.array(numbers == 2)), folder / "fresh.parquet")
    return out
