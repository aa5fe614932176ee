"""MinHash signatures dealt into bands: documents that share a key may be near-duplicates.

Broder 1997; banding after Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, ch. 3.4.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

from xuxie.clean.duplicates.settings import DuplicateSettings
from xuxie.clean.duplicates.shingles import FACTOR, Numbers, Shingles, mixed, shingles

# Other than the seeds of training: near-duplicates do not depend on an experiment's seed.
SEED = 20260828


def band_keys(texts: Sequence[str], settings: DuplicateSettings) -> Numbers:
    """One key a band: an array [texts, deals * bands]."""
    if not texts:
        return np.zeros((0, settings.deals * settings.bands), dtype=np.uint64)
    return banded(signatures(shingles(texts, settings.ngram), settings), settings)


def signatures(found: Shingles, settings: DuplicateSettings) -> npt.NDArray[np.uint32]:
    """MinHash values [texts, bands * rows] of the shingles."""
    size = settings.bands * settings.rows
    offsets = found.offsets.astype(np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(found.numbers, offsets, size, SEED)
    return np.array(matrix.to_rows(), dtype=np.uint32).reshape(len(found.offsets) - 1, size)


def banded(values: npt.NDArray[np.uint32], settings: DuplicateSettings) -> Numbers:
    """Each deal puts the values into bands in another order; a band's values make its key.

    Keys of different bands never meet: the number of the band is part of the key.
    """
    keys = []
    for deal in range(settings.deals):
        order = dealt(settings.bands * settings.rows, deal)
        rows = values[:, order].reshape(len(values), settings.bands, settings.rows)
        key = np.arange(settings.bands, dtype=np.uint64)[None, :].repeat(len(values), axis=0)
        for row in range(settings.rows):
            key = mixed(key * FACTOR + rows[:, :, row].astype(np.uint64))
        keys.append(key)
    return np.concatenate(keys, axis=1)


def dealt(size: int, deal: int) -> npt.NDArray[np.int64]:
    """The order of the signature's values in this deal: as they are, then shuffled."""
    return np.arange(size) if deal == 0 else np.random.default_rng(deal).permutation(size)


def text_hash(text: str) -> bytes:
    """128 bits of BLAKE2b: equal texts, equal hashes."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
