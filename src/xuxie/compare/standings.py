"""What a bake-off of tokenizers found: a row for each, and which one wins."""

from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from xuxie.compare.bakeoff import Baked
from xuxie.compare.compute import embedding_share
from xuxie.compare.documents import ALL, Common, in_common
from xuxie.compare.noise import Noise
from xuxie.compare.paired import Difference, difference
from xuxie.evaluate.settings import Bootstrap


@dataclass(frozen=True)
class Standing:
    """
    lossless: every document and character came back from its tokens, none was unknown.
    characters_per_token: on val. embedding_share: of the weights of the matrices.
    tokens, flops: seen and spent in training.
    bits_per_character: on val. delta, margin: more than the configured one, half-width (None: it).
    outcome: as `Difference.outcome`; empty for the configured one.
    """

    name: str
    vocabulary: int
    lossless: bool
    characters_per_token: float
    embedding_share: float
    tokens: int
    flops: int
    bits_per_character: float
    delta: float | None
    margin: float | None
    outcome: str


@dataclass(frozen=True)
class Result:
    """
    standings: as the candidates, the configured one first.
    winner, second: places of the lossless candidates with the fewest bits.
    lead: of the winner before the second; None where there is no second.
    seeds: whether seed noise is known (metrics/noise.json).
    documents: that all scored.
    """

    standings: list[Standing]
    winner: int
    second: int | None
    lead: Difference | None
    seeds: bool
    documents: int

    def verdict(self) -> tuple[str, str]:
        """In Chinese and in English."""
        first = self.standings[self.winner].name
        if self.lead is None or self.second is None:
            return f"只有 {first} 不丢失文本", f"{first} alone loses no text"
        other, gap = self.standings[self.second].name, -self.lead.delta
        figures = f"{gap:.3f} ± {self.lead.margin():.3f}"
        caution = (
            ("", "")
            if self.seeds
            else ("；种子噪声未知（xuxie noise）", "; seed noise is unknown (xuxie noise)")
        )
        if self.lead.outcome() == "better":
            return (
                f"{first} 胜出：比第二名 {other} 好 {figures} 比特/字{caution[0]}",
                f"{first} wins: {figures} bits per character better than {other}{caution[1]}",
            )
        return (
            f"{first} 与 {other} 的差别在噪声之内：{figures} 比特/字{caution[0]}",
            f"{first} and {other} differ by no more than noise: {figures} bits per"
            f" character{caution[1]}",
        )

    def values(self) -> dict[str, Any]:
        """For metrics/tokenizers.json."""
        chinese, english = self.verdict()
        rows = {row.name: asdict(row) for row in self.standings}
        return {
            "candidates": rows,
            "configured": self.standings[0].name,
            "winner": self.standings[self.winner].name,
            "beyond_noise": self.lead is None or self.lead.outcome() == "better",
            "verdict": {"zh": chinese, "en": english},
            "documents": self.documents,
        }


def judged(found: list[Baked], bootstrap: Bootstrap, noise: Noise | None) -> Result:
    """Differences are paired by document and corrected for all pairs, as the winner is chosen."""
    common, counts = in_common([one.scores for one in found])
    bits = common.bits.sum(axis=1) / common.characters.sum()
    family = len(list(combinations(found, 2)))
    pairs = [paired(common, (0, i), family, bootstrap, noise) for i in range(1, len(found))]
    rows = [
        standing(one, float(score), gap)
        for one, score, gap in zip(found, bits, [None, *pairs], strict=True)
    ]
    ranked = [int(i) for i in np.argsort(bits, kind="stable")]
    # A tokenizer that drops characters need not predict them: its bits are too few.
    order = [i for i in ranked if rows[i].lossless] or ranked
    winner, second = order[0], order[1] if len(order) > 1 else None
    lead = None
    if second is not None:
        lead = paired(common, (second, winner), family, bootstrap, noise)
    return Result(rows, winner, second, lead, noise is not None, counts.common)


def paired(
    common: Common,
    pair: tuple[int, int],
    family: int,
    bootstrap: Bootstrap,
    noise: Noise | None,
) -> Difference:
    everything = common.slices()[ALL]
    return difference(common, pair, ALL, everything, family, bootstrap, noise)


def standing(one: Baked, bits: float, gap: Difference | None) -> Standing:
    vocabulary = one.made["vocabulary"]
    return Standing(
        name=one.candidate.name,
        vocabulary=vocabulary,
        lossless=lossless(one.made),
        characters_per_token=one.made["val"]["characters_per_token"],
        embedding_share=embedding_share(one.candidate.config.model, vocabulary),
        tokens=one.trained["tokens"],
        flops=one.flops,
        bits_per_character=bits,
        delta=gap.delta if gap else None,
        margin=gap.margin() if gap else None,
        outcome=gap.outcome() if gap else "",
    )


def lossless(made: dict[str, Any]) -> bool:
    parts = [made[part] for part in ("train", "val", "test")]
    changed = any(part["changed_documents"] or part["unknown"] for part in parts)
    return not changed and not any(row["changed"] for row in made["blocks"].values())
