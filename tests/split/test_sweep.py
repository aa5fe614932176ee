"""The sweep finds every pair, as comparing all with all does."""

from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import numpy as np
from hypothesis import strategies

from xuxie.clean.duplicates.sets import ShingleSets
from xuxie.split.sweep import Index, sweep

# Two letters and short texts: repeats, small sets, and many pairs close to the threshold.
DOCUMENTS = strategies.lists(
    strategies.tuples(strategies.text("春夏", min_size=1, max_size=14), strategies.integers(0, 2)),
    min_size=1,
    max_size=16,
)


def grams(text: str) -> set[str]:
    return {text[i : i + 3] for i in range(max(len(text) - 2, 1))}


@hypothesis.settings(deadline=None, max_examples=200, derandomize=True, database=None)
@hypothesis.given(DOCUMENTS, strategies.sampled_from([0.5, 0.6, 0.75, 0.8, 1.0]))
def test_as_by_comparing_all_with_all(documents: list[tuple[str, int]], threshold: float) -> None:
    texts, labels = [text for text, _ in documents], np.array([label for _, label in documents])
    expected = {
        (i, j)
        for i, j in combinations(range(len(texts)), 2)
        if labels[i] != labels[j]
        and len(grams(texts[i]) & grams(texts[j])) / len(grams(texts[i]) | grams(texts[j]))
        >= threshold
    }
    held_out = np.flatnonzero(labels)
    with TemporaryDirectory() as folder:
        chosen = iter([[texts[place] for place in held_out]])
        index = Index(ShingleSets(Path(folder) / "sets", held_out, chosen, 3), threshold)
        every = iter([(np.arange(len(texts)), texts)])
        assert sweep(index, every, labels.astype(np.int8), 3).pairs == expected
