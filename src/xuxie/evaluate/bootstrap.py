"""Intervals of ratios of sums, by resampling groups of documents."""

import numpy as np
import numpy.typing as npt

# Draws of groups held at once: about 100 MB with their products, however many groups there are.
CELLS = 2**22


def interval(
    numerators: npt.NDArray[np.float64],
    denominators: npt.NDArray[np.float64],
    groups: npt.NDArray[np.int64],
    *,
    resamples: int,
    confidence: float,
    seed: int,
) -> tuple[float, float]:
    """Percentile interval of sum(numerators) / sum(denominators).

    Groups are drawn with replacement, not documents: the articles of a law resemble each other
    (cluster bootstrap, Davison and Hinkley 1997, section 3.8).

    Args:
        numerators, denominators: [num_documents], such as bits and characters.
        groups: [num_documents], numbers of the groups.
        confidence: such as 0.95.
    """
    _, index = np.unique(groups, return_inverse=True)
    sums = np.stack([np.bincount(index, values) for values in (numerators, denominators)], axis=1)
    count = len(sums)
    random = np.random.default_rng(seed)
    ratios = []
    at_once = max(1, CELLS // count)
    for place in range(0, resamples, at_once):
        rows = min(at_once, resamples - place)
        times = random.multinomial(count, np.full(count, 1 / count), size=rows)
        # Not `times @ sums`: BLAS adds in an order that changes the last digit from run to run.
        drawn = (times[:, :, None] * sums).sum(axis=1)
        ratios.append(drawn[:, 0] / drawn[:, 1])
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.concatenate(ratios), [tail, 1 - tail])
    return float(low), float(high)
