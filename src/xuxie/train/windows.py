"""Which tokens a training step sees: a pure function of (seed, step). There is no loader state.

Groups of documents are shuffled anew each epoch and laid end to end, the documents of a group in
their order; the stream is cut into windows without padding, and the windows are shuffled too.
An epoch may show the groups of a small source more often than once.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xuxie.tokenizer.tokens import Tokens
from xuxie.train.balance import Epochs
from xuxie.train.settings import Balance, Replay

Array = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Stream:
    """Documents laid end to end.

    documents: in their order, each from `begins` to `begins` + 1.
    groups: of each document, its group's place in the stream, where a group may come twice.
    """

    documents: Array
    groups: Array
    begins: Array


def stream(tokens: Tokens, groups: Array) -> Stream:
    """The stream of the named groups, in that order."""
    sizes = np.diff(tokens.group_starts)[groups]
    starts = np.repeat(tokens.group_starts[groups], sizes)
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    documents = np.asarray(tokens.order)[starts + within]
    lengths = np.diff(tokens.starts)[documents]
    begins = np.concatenate([[0], np.cumsum(lengths)])
    return Stream(documents, np.repeat(np.arange(len(groups)), sizes), begins)


def cut(tokens: Tokens, source: Stream, begin: int, length: int) -> tuple[Array, Array]:
    """`length` tokens of the stream from `begin`, and the group of each."""
    first = int(np.searchsorted(source.begins, begin, "right")) - 1
    last = int(np.searchsorted(source.begins, begin + length, "left"))
    values, groups = [], []
    for place in range(first, last):
        document, offset = source.documents[place], source.begins[place]
        low = max(begin - offset, 0)
        high = min(begin + length - offset, source.begins[place + 1] - offset)
        start = tokens.starts[document]
        values.append(tokens.tokens[start + low : start + high])
        groups.append(np.full(high - low, source.groups[place]))
    return np.concatenate(values).astype(np.int64), np.concatenate(groups)


class TrainWindows:
    """Windows of context + 1 tokens, numbered through all epochs.

    Args:
        tokens: of the train split.
        context: tokens the model sees; a window holds one more, the last target.
        seed: with the number of the epoch it decides every order.
        balance: how far small sources are shown more often.
        replay: how much old text a continued training sees again.
    """

    def __init__(
        self, tokens: Tokens, context: int, seed: int, balance: Balance, replay: Replay
    ) -> None:
        self.tokens, self.context, self.seed = tokens, context, seed
        self.epochs = Epochs(tokens, seed, balance, replay)
        # One context less than fits: the epoch's offset, below one context, always has room.
        self.per_epoch = (self.epochs.length - 1) // context - 1
        self.epoch = -1

    def __getitem__(self, number: int) -> tuple[Array, Array]:
        """Tokens [context + 1] of window `number`, and for each its group's place in the epoch."""
        self.prepare(number // self.per_epoch)
        begin = self.offset + int(self.order[number % self.per_epoch]) * self.context
        return cut(self.tokens, self.source, begin, self.context + 1)

    def prepare(self, epoch: int) -> None:
        if epoch == self.epoch:
            return
        random = np.random.default_rng((self.seed, epoch))
        self.source = stream(self.tokens, random.permutation(self.epochs.groups(epoch)))
        self.offset = int(random.integers(self.context))
        self.order = random.permutation(self.per_epoch)
        self.epoch = epoch


class ValidationWindows:
    """At most `limit` windows, evenly chosen from the split in its own order."""

    def __init__(self, tokens: Tokens, context: int, limit: int) -> None:
        self.tokens, self.context = tokens, context
        num_groups = len(tokens.group_starts) - 1
        self.source = stream(tokens, np.arange(num_groups))
        available = max((len(tokens.tokens) - 1) // context, 1)
        self.chosen = np.unique(np.linspace(0, available - 1, min(limit, available)).astype(int))

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, number: int) -> tuple[Array, Array]:
        begin = int(self.chosen[number]) * self.context
        length = min(self.context + 1, len(self.tokens.tokens) - begin)
        return cut(self.tokens, self.source, begin, length)
