"""What has come since the champion: how much, and how far its characters are from the older ones.

The distance is that of Jensen and Shannon (Lin 1991, doi 10.1109/18.61115; the square root of the
divergence in bits is a metric, Endres and Schindelin 2003). A small text is far from a large one by
chance alone, which has few of the many rare characters: as much old text, drawn by groups, tells
how far.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from xuxie.retrain.due.policy import NewText
from xuxie.store.records import read_table

KEPT = Path("data/clean/kept.parquet")
# Unicode ends here.
SIGNS = 0x110000
BATCH = 2048
# Draws of old text; the farthest of them is chance. More characters than this are no farther.
DRAWS, MOST = 20, 200_000
SEED = 1
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sizes:
    """Of each kept document: its group's number, its characters, whether it is new."""

    groups: npt.NDArray[np.int64]
    characters: npt.NDArray[np.int64]
    new: npt.NDArray[np.bool_]


def new_text(kept: Path, after: int) -> NewText:
    """The documents of later arrivals than `after`, against the others. Without drift."""
    sizes = sizes_of(kept, after)
    characters = int(sizes.characters[sizes.new].sum())
    documents = int(sizes.new.sum())
    if not documents or sizes.new.all():
        return NewText(documents, characters, 0.0, 0.0, None)
    draws = drawn(sizes, min(characters, MOST))
    new, old, *samples = counted(kept, [sizes.new, ~sizes.new, *draws])
    chance = max(distance(sample, old - sample) for sample in samples)
    return NewText(documents, characters, distance(new, old), chance, None)


def removed(path: Path, after: int) -> dict[str, int]:
    """How many documents of later arrivals clean has removed, by its reason."""
    table = read_table(path, ["arrival", "reason"])
    pairs = zip(table["arrival"].to_pylist(), table["reason"].to_pylist(), strict=True)
    return dict(Counter(reason for arrival, reason in pairs if arrival > after))


def sizes_of(kept: Path, after: int) -> Sizes:
    groups, characters, arrivals = [], [], []
    with pq.ParquetFile(kept) as file:
        for batch in file.iter_batches(BATCH, columns=["group", "text", "arrival"]):
            groups += batch["group"].to_pylist()
            characters += [len(text) for text in batch["text"].to_pylist()]
            arrivals += batch["arrival"].to_pylist()
    numbers = pa.array(groups, pa.string()).dictionary_encode().indices
    return Sizes(
        groups=numbers.to_numpy().astype(np.int64),
        characters=np.array(characters, dtype=np.int64),
        new=np.array(arrivals, dtype=np.int64) > after,
    )


def drawn(sizes: Sizes, characters: int) -> Iterator[npt.NDArray[np.bool_]]:
    """Old groups in random order until they hold so many characters, or half of all; documents."""
    old = np.flatnonzero(~sizes.new)
    lengths = np.bincount(sizes.groups[old], sizes.characters[old])
    there = np.flatnonzero(lengths)
    enough = min(characters, lengths.sum() / 2)
    for number in range(DRAWS):
        order = np.random.default_rng((SEED, number)).permutation(there)
        count = int(np.searchsorted(np.cumsum(lengths[order]), enough)) + 1
        yield np.isin(sizes.groups, order[:count]) & ~sizes.new


def counted(kept: Path, chosen: "list[npt.NDArray[np.bool_]]") -> list[Counts]:
    """How often each character stands in each choice of documents, [SIGNS]."""
    totals = [np.zeros(SIGNS, dtype=np.int64) for _ in chosen]
    begin = 0
    with pq.ParquetFile(kept) as file:
        for batch in file.iter_batches(BATCH, columns=["text"]):
            texts = batch["text"].to_pylist()
            for total, flags in zip(totals, chosen, strict=True):
                part = flags[begin : begin + len(texts)]
                if part.any():
                    add(total, "".join(np.array(texts, dtype=object)[part]))
            begin += len(texts)
    return totals


def add(total: Counts, text: str) -> None:
    signs, times = np.unique(np.frombuffer(text.encode("utf-32-le"), np.uint32), return_counts=True)
    total[signs] += times


def distance(one: Counts, other: Counts) -> float:
    """Jensen-Shannon distance of two counts of characters: 0 alike, 1 nothing in common."""
    if not one.sum() or not other.sum():
        return 0.0
    both = np.flatnonzero(one + other)
    p, q = one[both] / one.sum(), other[both] / other.sum()
    middle = (p + q) / 2
    divergence = (relative(p, middle) + relative(q, middle)) / 2
    return float(np.sqrt(max(divergence, 0.0)))


def relative(p: npt.NDArray[np.float64], q: npt.NDArray[np.float64]) -> float:
    """Kullback-Leibler divergence in bits."""
    there = p > 0
    return float((p[there] * np.log2(p[there] / q[there])).sum())
