"""Is the challenger better than the champion, and may it be promoted? With every reason. Pure."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from xuxie.compare.documents import ALL, FRESH, FROZEN, in_common
from xuxie.compare.noise import Noise
from xuxie.compare.paired import Difference, differences
from xuxie.evaluate.settings import Bootstrap
from xuxie.retrain.gate.candidate import Candidate
from xuxie.retrain.gate.guards import Guard, guards
from xuxie.retrain.outcome import Outcome, Reason
from xuxie.retrain.settings import Gate

PARTS = {
    ALL: ("全部文档", "all documents"),
    FROZEN: ("旧的测试文本", "the old test text"),
    FRESH: ("新的测试文本", "the new test text"),
}


@dataclass(frozen=True)
class Arrived:
    """Text that is new since the champion.

    documents: of them those that clean removed, by reason.
    distance: of its characters from those of the older text, beyond chance (at most 1).
    """

    documents: int
    removed: dict[str, int]
    distance: float


@dataclass(frozen=True)
class Judgement:
    """
    differences: challenger against champion, over all documents and over each part; empty where
        there is no champion.
    seeds: trainings that the seed noise comes from, 0 where it is the configured one.
    """

    outcome: Outcome
    reasons: list[Reason]
    differences: list[Difference]
    guards: list[Guard]
    seeds: int

    def to_json(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome.value,
            "reasons": [asdict(reason) for reason in self.reasons],
            "differences": [plain(difference) for difference in self.differences],
            "guards": [asdict(guard) for guard in self.guards],
            "seeds": self.seeds,
        }


def judge(
    champion: Candidate | None,
    challenger: Candidate,
    settings: Gate,
    bootstrap: Bootstrap,
    *,
    noise: Noise | None,
    slower: float | None = None,
    arrived: Arrived | None = None,
) -> Judgement:
    """
    Args:
        noise: as measured by `xuxie noise`, for the champion's configuration.
        slower: see `guards`.
    """
    kept = guards(champion, challenger, settings, slower)
    found = [] if champion is None else paired(champion, challenger, settings, bootstrap, noise)
    against = [guard.reason() for guard in kept if not guard.kept]
    against += worse(found, settings)
    undecided = [*suspicious(arrived, settings), *strange(arrived, settings)] if arrived else []
    outcome, reasons = decided(champion, found, against, undecided)
    return Judgement(outcome, reasons, found, kept, noise.seeds if noise else 0)


def decided(
    champion: Candidate | None,
    found: list[Difference],
    against: list[Reason],
    undecided: list[Reason],
) -> tuple[Outcome, list[Reason]]:
    """One reason against rejects; one doubt holds; then what is better counts."""
    better = for_it(found)
    if against:
        return Outcome.REJECT, [*against, *undecided, *better]
    if undecided:
        return Outcome.HOLD, [*undecided, *better]
    if champion is None:
        return Outcome.PROMOTE, [first()]
    return (Outcome.PROMOTE, better) if better else (Outcome.HOLD, [no_difference(found)])


def paired(
    champion: Candidate,
    challenger: Candidate,
    settings: Gate,
    bootstrap: Bootstrap,
    noise: Noise | None,
) -> list[Difference]:
    common, _ = in_common([champion.scores, challenger.scores])
    parts = common.slices().keys()
    known = of_parts(noise, parts) if noise else assumed(parts, settings)
    return differences(common, bootstrap, known)


def of_parts(noise: Noise, parts: Iterable[str]) -> Noise:
    """The measured noise, for parts too that `xuxie noise` did not tell apart, as the fresh test.

    Such a part is a mixture of sources: its bits per character are a mean of theirs, and the
    standard deviation of a mean is never above the largest one.
    """
    largest = max(noise.sd.values())
    return Noise(noise.seeds, {part: noise.sd.get(part, largest) for part in parts})


def assumed(parts: Iterable[str], settings: Gate) -> Noise:
    """The configured seed noise, as if from so many trainings that its own doubt is small."""
    return Noise(1000, {part: settings.seed_noise for part in parts})


def worse(found: list[Difference], settings: Gate) -> list[Reason]:
    """Worse beyond documents and seeds: on the whole at all, on a part by more than its limit."""
    return [
        said("worse" if d.part == ALL else "worse_on_part", d)
        for d in found
        if d.outcome() == "worse" and d.delta > limit(d.part, settings)
    ]


def limit(part: str, settings: Gate) -> float:
    if part == ALL:
        return 0.0
    return settings.forgetting if part == FROZEN else settings.source


def for_it(found: list[Difference]) -> list[Reason]:
    """Better on the whole, or on the new text: either is what one retrains for."""
    return [
        said("better" if d.part == ALL else "better_on_new", d)
        for d in found
        if d.part in (ALL, FRESH) and d.outcome() == "better"
    ]


def suspicious(arrived: Arrived, settings: Gate) -> list[Reason]:
    """New text of which clean had to throw most away is looked at by a person first."""
    removed = sum(arrived.removed.values())
    if not arrived.documents or removed / arrived.documents <= settings.removed:
        return []
    worst = max(arrived.removed, key=lambda reason: arrived.removed[reason])
    share = removed / arrived.documents
    return [
        Reason(
            "mostly_removed",
            f"新到的 {arrived.documents:,} 篇文档清洗掉了 {share:.0%}（界限"
            f" {settings.removed:.0%}），主要因为 {worst}：请先看看这批文本",
            f"clean removed {share:.0%} of the {arrived.documents:,} new documents (limit"
            f" {settings.removed:.0%}), mostly for {worst}: look at this text first",
        )
    ]


def strange(arrived: Arrived, settings: Gate) -> list[Reason]:
    """Text unlike all that came before is looked at by a person first, however well one learns it:

    more training on anything may help a small model on everything.
    """
    if arrived.distance <= settings.unlike:
        return []
    return [
        Reason(
            "unlike",
            f"新文本的用字与旧文本相距 {arrived.distance:.2f}（界限 {settings.unlike:.2f}）："
            "请先看看；没有问题就调大 retrain.gate.unlike",
            f"the characters of the new text are {arrived.distance:.2f} away from the old text's"
            f" (limit {settings.unlike:.2f}): look at it first; if it is right, raise"
            " retrain.gate.unlike",
        )
    ]


def said(code: str, d: Difference) -> Reason:
    chinese, english = PARTS.get(d.part, (d.part, d.part))
    size = f"{abs(d.delta):.3f} ± {d.margin():.3f}"
    much, how = ("好", "better") if d.delta < 0 else ("差", "worse")
    return Reason(
        code,
        f"挑战者在{chinese}上{much} {size} 比特/字（{d.documents:,} 篇）",
        f"the challenger is {how} by {size} bits per character on {english}"
        f" ({d.documents:,} documents)",
    )


def no_difference(found: list[Difference]) -> Reason:
    overall = found[0]
    size = f"{overall.delta:+.3f} ± {overall.margin():.3f}"
    seeds = overall.outcome() == "seed"
    return Reason(
        "no_difference",
        f"没有{'超出种子噪声的' if seeds else ''}差别（{size} 比特/字）：冠军留任",
        f"no difference{' beyond seed noise' if seeds else ''} ({size} bits per character):"
        " the champion stays",
    )


def first() -> Reason:
    return Reason(
        "first", "还没有冠军，各项守则都满足", "there is no champion yet; all guards are kept"
    )


def plain(d: Difference) -> dict[str, Any]:
    low, high = d.bounds()
    finite = {k: v for k, v in asdict(d).items() if not isinstance(v, float) or np.isfinite(v)}
    bounds = {k: v for k, v in (("from", low), ("to", high)) if np.isfinite(v)}
    return finite | bounds | {"outcome": d.outcome()}
