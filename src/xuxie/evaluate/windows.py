"""How text longer than the context is scored: every token once, with as much before it as fits."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Window:
    """Inputs, and for each input the next token and the document it counts for, -1 for none."""

    inputs: Array
    targets: Array
    documents: Array


def windows(
    documents: list[list[int]], first: int, *, boundary: int, context: int, stride: int
) -> Iterator[Window]:
    """Windows over the documents of one group, each begun by the boundary token.

    Tokens of text are scored, boundaries are not: bits per character is about text. A window
    advances by `stride`; what it shares with the one before is context only.

    Args:
        documents: tokens of the documents in their order.
        first: number of the first document.
        stride: in [1, context].
    """
    tokens = np.concatenate([[boundary, *document] for document in documents])
    lengths = [len(document) + 1 for document in documents]
    owner = np.repeat(np.arange(first, first + len(documents)), lengths)
    owner[np.cumsum(lengths) - lengths] = -1
    scored = 1
    while scored < len(tokens):
        end = min(len(tokens), max(context + 1, scored + stride))
        begin = max(0, end - context - 1)
        counts = owner[begin + 1 : end].copy()
        counts[: scored - begin - 1] = -1
        yield Window(tokens[begin : end - 1], tokens[begin + 1 : end], counts)
        scored = end
