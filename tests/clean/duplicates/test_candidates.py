"""Documents that share a key meet, and nobody else."""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import given, settings, strategies

from xuxie.clean.duplicates.candidates import BandFiles, collisions
from xuxie.clean.duplicates.settings import DuplicateSettings
from xuxie.clean.duplicates.sketch import band_keys

KEYS = strategies.lists(
    strategies.tuples(*[strategies.integers(0, 3)] * 3, strategies.booleans()), max_size=12
)


@settings(deadline=None, max_examples=200, derandomize=True, database=None)
@given(rows=KEYS)
def test_a_bucket_holds_all_documents_with_its_key(
    rows: list[tuple[int, int, int, bool]],
) -> None:
    keys = np.array([row[:3] for row in rows], dtype=np.uint64).reshape(len(rows), 3)
    counts = np.array([row[3] for row in rows], dtype=bool)
    found = collisions(iter(keys.T), counts)
    buckets = defaultdict(set)
    for document, bucket in zip(found.documents.tolist(), found.buckets.tolist(), strict=True):
        buckets[bucket].add(document)
    expected = defaultdict(set)
    for document in np.flatnonzero(counts).tolist():
        for band in range(3):
            expected[band, int(keys[document, band])].add(document)
    assert sorted(map(sorted, buckets.values())) == sorted(
        sorted(members) for members in expected.values() if len(members) > 1
    )


def test_keys_come_back_from_their_files(tmp_path: Path) -> None:
    keys = np.arange(12, dtype=np.uint64).reshape(4, 3)
    with BandFiles(tmp_path, 3) as files:
        files.add(keys[:3])
        files.add(keys[3:])
    assert [column.tolist() for column in files.columns()] == keys.T.tolist()


def test_nine_of_ten_copies_at_the_threshold_meet(
    duplicates: DuplicateSettings, prose: Callable[..., str], edited: Callable[..., str]
) -> None:
    # Nine of 400 characters changed: a Jaccard similarity of 0.80.
    texts = [prose(seed) for seed in range(300)]
    copies = [edited(text, 9, seed) for seed, text in enumerate(texts)]
    meet = (band_keys(texts, duplicates) == band_keys(copies, duplicates)).any(axis=1)
    assert meet.mean() >= 0.98


def test_unrelated_texts_do_not_meet(
    duplicates: DuplicateSettings, prose: Callable[..., str]
) -> None:
    keys = band_keys([prose(seed) for seed in range(300)], duplicates)
    assert len(collisions(iter(keys.T.copy()), np.ones(300, dtype=bool)).documents) == 0


def test_keys_do_not_depend_on_the_batch(
    duplicates: DuplicateSettings, prose: Callable[..., str]
) -> None:
    texts = [prose(seed, 3 + 40 * seed) for seed in range(9)]
    together = band_keys(texts, duplicates)
    alone = np.concatenate([band_keys([text], duplicates) for text in texts])
    assert np.array_equal(together, alone)
    assert band_keys([], duplicates).shape == (0, together.shape[1])
