"""What a challenger must keep, whatever its bits per character: samples, grammar, size. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from xuxie.clean.identifiers import Kind, find
from xuxie.generate.diversity import distinct, repetition
from xuxie.retrain.gate.candidate import Candidate
from xuxie.retrain.gate.chance import by_chance
from xuxie.retrain.outcome import Reason
from xuxie.retrain.settings import Gate

# Found by their surroundings, not by a check digit: a made-up name in a sample is nobody's.
BY_CONTEXT = {Kind.NAME, Kind.ADDRESS}


@dataclass(frozen=True)
class Guard:
    """
    champion: None where there is none, or where the figure needs none.
    limit: what the challenger's figure must not pass.
    kept: whether it does not.
    """

    code: str
    chinese: str
    english: str
    champion: float | None
    challenger: float
    limit: float
    kept: bool

    def reason(self) -> Reason:
        before = "" if self.champion is None else f"{self.champion:.3g} → "
        return Reason(
            self.code,
            f"{self.chinese}：{before}{self.challenger:.3g}，界限 {self.limit:.3g}",
            f"{self.english}: {before}{self.challenger:.3g}, limit {self.limit:.3g}",
        )


def guards(
    champion: Candidate | None, challenger: Candidate, settings: Gate, slower: float | None
) -> list[Guard]:
    """
    Args:
        slower: how many times the champion's time a token takes the challenger to generate.
    """
    found = [identifiers(challenger), *texts(champion, challenger, settings)]
    if champion is None:
        return found
    found += grammar(champion, challenger, settings)
    if champion.parameters:
        times = challenger.parameters / champion.parameters
        found.append(most("size", ("参数量倍数", "times as many parameters"), times, settings.size))
    if slower is not None:
        words = ("生成耗时倍数", "times as long to generate")
        found.append(most("speed", words, slower, settings.slower))
    return found


def identifiers(challenger: Candidate) -> Guard:
    """Samples must hold no identifier with a check: the model may have learned a person's."""
    kinds = set(Kind) - BY_CONTEXT
    count = sum(len(find(text, only=kinds)) for text in texts_of(challenger))
    return most("identifiers", ("样本中的个人信息", "identifiers in samples"), count, 0)


def texts(champion: Candidate | None, challenger: Candidate, settings: Gate) -> Iterator[Guard]:
    """Repetition and diversity of the samples, beside the champion's or by themselves.

    Of five samples of one small model repetition was between 0.006 and 0.26: a limit beside the
    champion is widened by what so few may differ by chance.
    """
    now = texts_of(challenger)
    repeated = varied = None
    ceiling, floor = settings.most_repetition, settings.least_distinct
    if champion is not None:
        before = texts_of(champion)
        repeated, varied = repeating(before), diversity(before)
        ceiling = min(ceiling, repeated + settings.repetition + by_chance(before, now, repeating))
        floor = max(floor, varied - settings.distinct - by_chance(before, now, diversity))
    value = repeating(now)
    words = ("样本的重复率", "repetition of samples")
    yield Guard("repetition", *words, repeated, value, ceiling, value <= ceiling)
    value = diversity(now)
    words = ("样本的 distinct-2", "distinct-2 of samples")
    yield Guard("diversity", *words, varied, value, floor, value >= floor)


def texts_of(candidate: Candidate) -> list[str]:
    return [str(sample["text"]) for sample in candidate.samples]


def repeating(texts: list[str]) -> float:
    return sum(map(repetition, texts)) / max(1, len(texts))


def diversity(texts: list[str]) -> float:
    return distinct(texts, 2)


def grammar(champion: Candidate, challenger: Candidate, settings: Gate) -> Iterator[Guard]:
    before, now = accuracy(champion.evaluated), accuracy(challenger.evaluated)
    if before is None or now is None:
        return
    floor = before - settings.pairs
    yield Guard(
        "minimal_pairs",
        "最小对立对准确率",
        "accuracy on minimal pairs",
        before,
        now,
        floor,
        now >= floor,
    )


def accuracy(evaluated: dict[str, Any]) -> float | None:
    found = evaluated.get("minimal_pairs", {}).get("all")
    return float(found["accuracy"]) if found else None


def most(code: str, words: tuple[str, str], value: float, limit: float) -> Guard:
    return Guard(code, *words, None, float(value), float(limit), value <= limit)
