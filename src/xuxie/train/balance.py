"""How often an epoch shows each source: a team's few documents beside a large public corpus.

A source of n characters is drawn in proportion to n^(1 - exponent), as corpora of many languages
are (Conneau et al. 2020, arXiv 1911.02116). The largest source is shown once an epoch, none more
than `most` times: after some four repetitions old text teaches much less than new (Muennighoff et
al. 2023, arXiv 2305.16264).

A training that goes on from a model shows the text that is new since, and among it a share of the
old, lest the model forget it (Ibrahim et al. 2024, arXiv 2403.08763).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xuxie.errors import bad_data
from xuxie.tokenizer.tokens import Integers, Tokens
from xuxie.train.settings import Balance, Replay


def repeats(characters: Integers, balance: Balance) -> npt.NDArray[np.float64]:
    """How often an epoch shows each source, for sources of so many characters."""
    wanted = (characters.max() / np.maximum(characters, 1)) ** balance.exponent
    most: npt.NDArray[np.float64] = np.minimum(wanted, balance.most)
    return most


@dataclass(frozen=True)
class Stratum:
    """Groups that an epoch shows `times` times; fractions count."""

    groups: Integers
    times: float


def strata(tokens: Tokens, sizes: Integers, balance: Balance, replay: Replay) -> list[Stratum]:
    """One for each source; under replay one for its new and one for its old groups.

    Args:
        sizes: [num_groups], in tokens.

    Raises:
        Refusal: under replay, nothing is new.
    """
    times = repeats(tokens.source_characters, balance)
    sources = [np.flatnonzero(tokens.group_sources == source) for source in range(len(times))]
    if replay.after is None:
        return [Stratum(*pair) for pair in zip(sources, times.tolist(), strict=True)]
    late = np.asarray(tokens.group_arrivals) > replay.after
    new = [groups[late[groups]] for groups in sources]
    old = [groups[~late[groups]] for groups in sources]
    shown, stock = (
        float(sum(sizes[groups].sum() * n for groups, n in zip(part, times, strict=True)))
        for part in (new, old)
    )
    if not shown:
        raise nothing_new(replay.after)
    # Tokens of old text for each that is shown of the new one, over those there are.
    again = replay.share / (1 - replay.share) * shown / max(stock, 1.0)
    often = np.minimum(times * again, balance.most)
    both = [*zip(new, times.tolist(), strict=True), *zip(old, often.tolist(), strict=True)]
    return [Stratum(groups, n) for groups, n in both if len(groups) and n > 0]


class Epochs:
    """Which groups an epoch shows: each as often as its source, or its stratum, is repeated.

    Of a source that is repeated two and a half times, an epoch shows every group twice and half
    of them once more; the next epoch shows the other half.

    length: tokens that every epoch has at least.
    """

    def __init__(self, tokens: Tokens, seed: int, balance: Balance, replay: Replay) -> None:
        self.seed = seed
        ends = tokens.starts[1:][tokens.order]
        begins = tokens.starts[:-1][tokens.order]
        self.sizes = np.add.reduceat(ends - begins, tokens.group_starts[:-1])
        self.strata = strata(tokens, self.sizes, balance, replay)
        shown = [self.sizes[part.groups].sum() * part.times for part in self.strata]
        self.length = int(np.floor(shown).sum())

    def groups(self, epoch: int) -> Integers:
        """The groups of this epoch, a pure function of (seed, epoch)."""
        shown = []
        for number, stratum in enumerate(self.strata):
            whole, share = divmod(stratum.times, 1.0)
            shown += [stratum.groups] * int(whole)
            if share:
                shown.append(self.part(number, share, epoch))
        return np.concatenate(shown)

    def part(self, number: int, share: float, epoch: int) -> Integers:
        """Groups that hold this share of a stratum, where the epoch before left off."""
        random = np.random.default_rng((self.seed, number))
        twice = np.tile(random.permutation(self.strata[number].groups), 2)
        ends = np.cumsum(self.sizes[twice])
        size = ends[-1] // 2
        first = int(np.searchsorted(ends, epoch * share * size % size, "right"))
        begin = ends[first] - self.sizes[twice[first]]
        last = int(np.searchsorted(ends, begin + share * size))
        return twice[first : last + 1]


def nothing_new(after: int) -> Exception:
    return bad_data(
        f"训练集里没有第 {after} 批之后到达的文本；请设 train.replay.after=null",
        f"the train split holds no text that arrived after batch {after};"
        " set train.replay.after=null",
    )
