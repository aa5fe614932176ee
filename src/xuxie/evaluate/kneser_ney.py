"""The baseline of counting: an interpolated character n-gram model, modified Kneser-Ney.

Chen and Goodman 1998, "An Empirical Study of Smoothing Techniques for Language Modeling".
Every order is a sorted array of its n-grams; an n-gram is the number of its prefix in the order
below, and its last character. Memory: about 100 bytes a character of the training text.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
START = "\0"
# Discounts where too few n-grams have small counts to estimate them, as KenLM falls back to:
# without any, nothing would be left to the order below, and unseen text would cost infinite bits.
FEW: Floats = np.array([0.0, 0.5, 1.0, 1.5])


@dataclass(frozen=True)
class Order:
    """The n-grams of one length.

    keys: sorted, prefix number * size of the alphabet + last character.
    discounted: probability of each after its discount, (count - D) / count of its prefix.
    backoff: for each prefix, the share of probability left to the order below.
    """

    keys: Integers
    discounted: Floats
    backoff: Floats


class KneserNey:
    """
    Args:
        documents: training texts; no n-gram spans two of them.
        order: characters in the longest n-gram.
    """

    def __init__(self, documents: list[str], order: int) -> None:
        text, offsets = laid_out(documents)
        self.alphabet, characters = np.unique(text, return_inverse=True)
        numbers = characters.astype(np.int64)
        keys = np.arange(len(self.alphabet))
        first = first_places(numbers, len(keys))
        prefixes, num_prefixes = np.zeros(len(text), dtype=np.int64), 1
        self.orders: list[Order] = []
        for length in range(1, order + 1):
            longer = self.extended(numbers, characters, offsets, length) if length < order else None
            counts = count(numbers, len(keys), longer, offsets[first] == length - 1)
            if length == 1:
                counts[0] = 0  # the start of a document is a context, never a prediction
            self.orders.append(smoothed(keys, counts, prefixes[first], num_prefixes))
            if longer is None or not len(longer[1]):
                break
            prefixes, num_prefixes = np.concatenate([[0], numbers[:-1]]), len(keys)
            numbers, keys, first = longer

    def extended(
        self, numbers: Integers, characters: Integers, offsets: Integers, length: int
    ) -> tuple[Integers, Integers, Integers]:
        """For the next order: each place's n-gram or -1, the keys, each one's first place."""
        before = np.concatenate([[0], numbers[:-1]])
        keys = np.where(offsets >= length, before * len(self.alphabet) + characters, -1)
        distinct, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        return inverse - 1, distinct[1:], first[1:]  # without -1: every document has a start

    def bits(self, documents: list[str]) -> Floats:
        """-log2 of the probability of each document's text, [num_documents]."""
        text, offsets = laid_out(documents)
        characters = lookup(self.alphabet, text)
        # Of the last resort, the start sign's share stands for every character never seen.
        chance = np.full(len(text), 1 / len(self.alphabet))
        numbers = np.zeros(len(text), dtype=np.int64)
        for length, order in enumerate(self.orders, 1):
            prefixes = np.zeros(len(text), dtype=np.int64)
            if length > 1:
                prefixes = np.concatenate([[-1], numbers[:-1]])
                prefixes[offsets < length - 1] = -1
            seen = (prefixes >= 0) & (characters >= 0)
            keys = np.where(seen, prefixes * len(self.alphabet) + characters, -1)
            numbers = lookup(order.keys, keys)
            found = np.where(numbers >= 0, order.discounted[numbers], 0.0)
            chance = np.where(prefixes >= 0, found + order.backoff[prefixes] * chance, chance)
        cost = np.where(offsets > 0, -np.log2(chance), 0.0)
        return np.add.reduceat(cost, np.flatnonzero(offsets == 0))


def laid_out(documents: list[str]) -> tuple[Integers, Integers]:
    """Code points of the documents, each after a start sign, and places within the document."""
    text = "".join(START + document.replace(START, "") for document in documents)
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
    starts = points == 0
    begins = np.maximum.accumulate(np.where(starts, np.arange(len(points)), 0))
    return points, np.arange(len(points)) - begins


def first_places(numbers: Integers, size: int) -> Integers:
    """Where each number first occurs."""
    first = np.empty(size, dtype=np.int64)
    first[numbers[::-1]] = np.arange(len(numbers))[::-1]
    return first


def count(
    numbers: Integers,
    size: int,
    longer: tuple[Integers, Integers, Integers] | None,
    at_start: npt.NDArray[np.bool_],
) -> Integers:
    """How often each n-gram occurs, or below the highest order: after how many characters.

    N-grams that begin a document have nothing before them; they keep their plain count.
    """
    plain = np.bincount(numbers[numbers >= 0], minlength=size)
    if longer is None:
        return plain
    continuations = np.bincount(numbers[longer[2]], minlength=size)
    return np.where(at_start, plain, continuations)


def smoothed(keys: Integers, counts: Integers, prefixes: Integers, num_prefixes: int) -> Order:
    """Discounted probabilities and back-off weights of one order's n-grams."""
    discount = discounts(counts)[np.minimum(counts, 3)]
    totals = np.bincount(prefixes, weights=counts, minlength=num_prefixes)
    left = np.bincount(prefixes, weights=discount, minlength=num_prefixes)
    with np.errstate(divide="ignore", invalid="ignore"):
        backoff = np.where(totals > 0, left / totals, 1.0)
        discounted = np.where(totals[prefixes] > 0, (counts - discount) / totals[prefixes], 0.0)
    return Order(keys, discounted, backoff)


def discounts(counts: Integers) -> Floats:
    """D for counts of 0, 1, 2, and 3 or more, from how many n-grams have each (their eq. 26)."""
    n1, n2, n3, n4 = (int((counts == number).sum()) for number in (1, 2, 3, 4))
    if min(n1, n2, n3, n4) == 0:
        return FEW
    y = n1 / (n1 + 2 * n2)
    found = np.array([0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3])
    return found if found[1:].min() > 0 else FEW


def lookup(keys: Integers, wanted: Integers) -> Integers:
    """The place of each wanted key in sorted `keys`, -1 where it is not."""
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    found: Integers = np.where(keys[places] == wanted, places, -1)
    return found
