"""Intervals of ratios of sums, by resampling groups of documents."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from xuxie.evaluate.settings import Bootstrap

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Key = TypeVar("Key")
# Draws of groups held at once: about 100 MB with their products, however many groups there are.
CELLS = 2**22


def intervals(
    measures: Floats,
    groups: Integers,
    slices: Mapping[Key, npt.NDArray[np.bool_]],
    bootstrap: Bootstrap,
) -> dict[Key, list[tuple[float, float]]]:
    """Percentile intervals, for each slice, of the first measure's sum over each of the others'.

    Groups are drawn with replacement, not documents: the articles of a law resemble each other
    (cluster bootstrap, Davison and Hinkley 1997, section 3.8). All slices share the draws, of all
    groups: one that a draw leaves out of a slice altogether says nothing about that slice.

    Args:
        measures: [measures, num_documents], such as bits, characters and bytes.
        groups: [num_documents], numbers of the groups.
        slices: which documents belong to each.
    """
    _, index = np.unique(groups, return_inverse=True)
    count = int(index.max(initial=-1)) + 1
    places = {name: np.unique(index[mask]) for name, mask in slices.items()}
    sums = {
        name: np.stack([np.bincount(index[mask], row[mask], count) for row in measures], axis=1)
        for name, mask in slices.items()
    }
    ratios: dict[Key, list[Floats]] = {name: [] for name in slices}
    for times in draws(count, bootstrap):
        for name, inside in places.items():
            # Not a product of matrices: BLAS adds in an order that differs from run to run.
            drawn = (times[:, inside, None] * sums[name][inside]).sum(axis=1)
            drawn = drawn[drawn[:, 1] > 0]
            ratios[name].append(drawn[:, :1] / drawn[:, 1:])
    tail = (1 - bootstrap.confidence) / 2
    return {
        name: [
            (float(low), float(high))
            for low, high in np.quantile(np.concatenate(rows), [tail, 1 - tail], axis=0).T
        ]
        for name, rows in ratios.items()
    }


def draws(count: int, bootstrap: Bootstrap) -> Iterator[Integers]:
    """How often each of `count` groups is drawn, [resamples, count], some resamples at a time."""
    random = np.random.default_rng(bootstrap.seed)
    at_once = max(1, CELLS // count)
    for place in range(0, bootstrap.resamples, at_once):
        rows = min(at_once, bootstrap.resamples - place)
        yield random.multinomial(count, np.full(count, 1 / count), size=rows)
