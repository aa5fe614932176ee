"""Samples beside real text: do they repeat each other, copy the training text, read like Chinese?

All of it is counted on characters. Small sets of samples say little: what real text of the same
length would score stands beside the distance.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from xuxie.generate.diversity import ngrams

LONGEST = 4
COPIED = 8  # characters that no two writers choose alike by chance, but for set phrases
BIGRAM = 2
# Held-out text that the samples are compared with, and pieces of it that stand in for samples.
HELD_OUT_CHARACTERS, PIECES = 1_000_000, 20
BASE = np.uint64(0x9E3779B97F4A7C15)


def quality(texts: list[str], splits: Path) -> dict[str, float]:
    """Figures of samples, some left out where there is too little text for them.

    self_bleu: 1 where every sample is another's copy, 0 where no two share a character.
    novelty: share of the samples' character 8-grams that the train split does not hold.
    bigram_distance: Jensen-Shannon distance to the test split, in [0, 1];
        bigram_distance_held_out: the same for pieces of the test split as long as the samples.
    """
    found = {"self_bleu": self_bleu(texts)} if len(texts) > 1 else {}
    wanted = hashes(texts, COPIED)
    if len(wanted):
        found["novelty"] = 1 - float(known(wanted, texts_of(splits / "train.parquet")).mean())
    held_out = beginning(texts_of(splits / "test.parquet"), HELD_OUT_CHARACTERS)
    return found | distances(texts, held_out)


def self_bleu(texts: list[str], longest: int = LONGEST) -> float:
    """Mean BLEU of each text against all the others (Zhu et al. 2018, arXiv 1802.01886).

    On characters; one is added to the counts of n-grams longer than 1 (Lin and Och 2004), or the
    few short samples of a look would all score 0.
    """
    grams = {n: [Counter(ngrams(text, n)) for text in texts] for n in range(1, longest + 1)}
    most = {n: two_most(counters) for n, counters in grams.items()}
    scores = []
    for place, text in enumerate(texts):
        logs = 0.0
        for n, counters in grams.items():
            own = counters[place]
            others = {gram: elsewhere(most[n][gram], place) for gram in own}
            shared = sum(min(count, others[gram]) for gram, count in own.items())
            more = n > 1
            chance = (shared + more) / max(own.total() + more, 1)
            logs += math.log(chance) / longest if chance else -math.inf
        scores.append(math.exp(logs + brevity(text, [*texts[:place], *texts[place + 1 :]])))
    return sum(scores) / len(scores)


def two_most(counters: list[Counter[str]]) -> dict[str, list[tuple[int, int]]]:
    """Where each n-gram occurs most often: (count, number of the text), the two greatest."""
    most: dict[str, list[tuple[int, int]]] = {}
    for place, counter in enumerate(counters):
        for gram, count in counter.items():
            most[gram] = sorted([*most.get(gram, []), (count, place)], reverse=True)[:2]
    return most


def elsewhere(most: list[tuple[int, int]], place: int) -> int:
    return max((count for count, other in most if other != place), default=0)


def brevity(text: str, others: list[str]) -> float:
    """Logarithm of BLEU's brevity penalty, for the other text that is nearest in length."""
    nearest = min((len(other) for other in others), key=lambda n: (abs(n - len(text)), n))
    return min(0.0, 1 - nearest / max(len(text), 1))


def known(wanted: npt.NDArray[np.uint64], texts: Iterable[list[str]]) -> npt.NDArray[np.bool_]:
    """Which of the wanted n-grams occur in the texts."""
    ordered, number = np.unique(wanted, return_inverse=True)
    found = np.zeros(len(ordered), dtype=bool)
    for batch in texts:
        there = hashes(batch, COPIED)
        places = np.minimum(np.searchsorted(ordered, there), len(ordered) - 1)
        found[places[ordered[places] == there]] = True
    return found[number]


def hashes(texts: list[str], length: int) -> npt.NDArray[np.uint64]:
    """A 64-bit polynomial hash of every n-gram; none spans two texts."""
    points = np.frombuffer("\0".join(texts).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    count = max(len(points) - length + 1, 0)
    found, apart = np.zeros(count, dtype=np.uint64), np.zeros(count, dtype=bool)
    for place in range(length):
        piece = points[place : place + count]
        found = found * BASE + piece + np.uint64(1)
        apart |= piece == 0
    return found[~apart]


def distances(texts: list[str], held_out: str) -> dict[str, float]:
    """Of the samples' bigrams from the held-out ones; of as much held-out text from the rest."""
    drawn = Counter(gram for text in texts for gram in ngrams(text, BIGRAM))
    every, size = Counter(ngrams(held_out, BIGRAM)), drawn.total()
    if not size or every.total() < 2 * size:
        return {}
    begins = [place * (every.total() - size) // PIECES for place in range(PIECES)]
    pieces = [Counter(ngrams(held_out[b : b + size + 1], BIGRAM)) for b in begins]
    rests = [{gram: every[gram] - count for gram, count in piece.items()} for piece in pieces]
    total = every.total()
    typical = [distance(p, rest, total - size) for p, rest in zip(pieces, rests, strict=True)]
    return {
        "bigram_distance": distance(drawn, every, total),
        "bigram_distance_held_out": sum(typical) / len(typical),
    }


def distance(one: Counter[str], other: Mapping[str, int], total: int) -> float:
    """Jensen-Shannon distance: 0 for equal distributions, 1 for those that share nothing.

    Endres and Schindelin 2003, "A new metric for probability distributions"; logarithms to base 2.

    Args:
        other: counts of at least the n-grams of `one` that occur there. total: of all.
    """
    size, shared, divergence = one.total(), 0, 0.0
    for gram, count in one.items():
        p, q = count / size, other.get(gram, 0) / total
        divergence += sum(x * math.log2(2 * x / (p + q)) for x in (p, q) if x) / 2
        shared += other.get(gram, 0)
    # What the other has alone costs its half of the mean one bit each.
    return math.sqrt(max(divergence + (1 - shared / total) / 2, 0.0))


def texts_of(path: Path) -> Iterator[list[str]]:
    """The texts of a split, a batch at a time."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=["text"]):
            yield batch["text"].to_pylist()


def beginning(batches: Iterable[list[str]], characters: int) -> str:
    kept = ""
    for batch in batches:
        kept += "\n".join(batch) + "\n"
        if len(kept) >= characters:
            break
    return kept[:characters]
