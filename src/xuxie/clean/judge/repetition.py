"""How much a text repeats itself, in character n-grams, for a whole batch at once.

Characters, not words: counted with `\\w+`, 你好你好你好 is one word and never repeats.
"""

import numpy as np
import numpy.typing as npt

from xuxie.clean.duplicates.shingles import (
    Numbers,
    Offsets,
    mixed,
    offsets_of,
    polynomial,
    positions,
)

Characters = npt.NDArray[np.uint32]
Shares = npt.NDArray[np.float64]
# A key holds the text's number in the batch above 44 bits: of an n-gram's hash, or the two
# characters of a pair as they are.
TEXT = np.uint64(44)
PAIR = np.uint64(21)
MOST_TEXTS = 1 << 20


def seen_before(characters: Characters, offsets: Offsets, ngram: int) -> Shares:
    """By text: share of its n-grams that occurred before in it."""
    counts = np.maximum(np.diff(offsets) - ngram + 1, 0)
    places = positions(offsets[:-1], counts)
    hashes = mixed(polynomial(characters, ngram)[places]) >> np.uint64(64) - TEXT
    keys = hashes | owners(counts)
    first = starts_of_runs(keys)
    distinct = np.bincount(texts_of(keys[first]), minlength=len(counts))
    shares: Shares = 1 - distinct / np.maximum(counts, 1) - (counts == 0)
    return shares


def commonest_pair(characters: Characters, offsets: Offsets) -> Offsets:
    """By text: how often its commonest pair of two different characters occurs.

    A run of one character (！！！, 哈哈哈) is emphasis in a short text; in a long one its 5-grams
    tell.
    """
    texts = len(offsets) - 1
    counts = np.maximum(np.diff(offsets) - 1, 0)
    places = positions(offsets[:-1], counts)
    first, second = (characters[places + step].astype(np.uint64) for step in (0, 1))
    keys = ((first << PAIR | second) | owners(counts))[first != second]
    starts = starts_of_runs(keys)
    commonest = np.zeros(texts, dtype=np.int64)
    np.maximum.at(commonest, texts_of(keys[starts]), np.diff(np.append(starts, len(keys))))
    return commonest


def owners(counts: Offsets) -> Numbers:
    """The text's number for each of its n-grams, where a key has it."""
    assert len(counts) < MOST_TEXTS
    return np.repeat(np.arange(len(counts), dtype=np.uint64) << TEXT, counts)


def texts_of(keys: Numbers) -> npt.NDArray[np.int64]:
    return (keys >> TEXT).astype(np.int64)


def starts_of_runs(keys: Numbers) -> npt.NDArray[np.int64]:
    """Sorts `keys` in place; where each distinct one begins."""
    keys.sort()
    new = np.ones(len(keys), dtype=bool)
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    return np.flatnonzero(new)


def chosen(
    characters: Characters, offsets: Offsets, texts: npt.NDArray[np.int64]
) -> tuple[Characters, Offsets]:
    """The characters of some of the texts."""
    lengths = np.diff(offsets)[texts]
    return characters[positions(offsets[:-1][texts], lengths)], offsets_of(lengths)
