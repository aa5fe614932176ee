"""How often an epoch shows each source: a team's few documents beside a large public corpus.

A source of n characters is drawn in proportion to n^(1 - balance), as corpora of many languages
are (Conneau et al. 2020, arXiv 1911.02116, whose exponent 0.3 is a balance of 0.7). The largest
source is shown once an epoch, none more than `most` times: after some four repetitions old text
teaches much less than new (Muennighoff et al. 2023, arXiv 2305.16264).
"""

import numpy as np
import numpy.typing as npt

from xuxie.tokenizer.tokens import Integers, Tokens
from xuxie.train.settings import Balance


def repeats(characters: Integers, balance: Balance) -> npt.NDArray[np.float64]:
    """How often an epoch shows each source, for sources of so many characters."""
    wanted = (characters.max() / np.maximum(characters, 1)) ** balance.exponent
    most: npt.NDArray[np.float64] = np.minimum(wanted, balance.most)
    return most


class Epochs:
    """Which groups an epoch shows: each as often as its source is repeated.

    Of a source that is repeated two and a half times, an epoch shows every group twice and half
    of them once more; the next epoch shows the other half.

    length: tokens that every epoch has at least.
    """

    def __init__(self, tokens: Tokens, seed: int, balance: Balance) -> None:
        self.seed = seed
        ends = tokens.starts[1:][tokens.order]
        begins = tokens.starts[:-1][tokens.order]
        self.sizes = np.add.reduceat(ends - begins, tokens.group_starts[:-1])
        self.sources = [
            np.flatnonzero(tokens.group_sources == source)
            for source in range(len(tokens.source_characters))
        ]
        self.repeats = repeats(tokens.source_characters, balance)
        shown = [self.sizes[groups].sum() for groups in self.sources] * self.repeats
        self.length = int(np.floor(shown).sum())

    def groups(self, epoch: int) -> Integers:
        """The groups of this epoch, a pure function of (seed, epoch)."""
        shown = []
        for number, (groups, times) in enumerate(zip(self.sources, self.repeats, strict=True)):
            whole, share = divmod(float(times), 1.0)
            shown += [groups] * int(whole)
            if share:
                shown.append(self.part(number, share, epoch))
        return np.concatenate(shown)

    def part(self, source: int, share: float, epoch: int) -> Integers:
        """Groups that hold this share of the source, where the epoch before left off."""
        random = np.random.default_rng((self.seed, source))
        twice = np.tile(random.permutation(self.sources[source]), 2)
        ends = np.cumsum(self.sizes[twice])
        size = ends[-1] // 2
        first = int(np.searchsorted(ends, epoch * share * size % size, "right"))
        begin = ends[first] - self.sizes[twice[first]]
        last = int(np.searchsorted(ends, begin + share * size))
        return twice[first : last + 1]
