"""How often an equal challenger is promoted, over all pairs of trainings of one configuration."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, permutations
from typing import Any

import numpy as np
import numpy.typing as npt
import small_models
from gate_cases import HALVINGS, Bench, Model, cases, of_noise

from xuxie.compare.documents import ALL, FRESH, in_common
from xuxie.compare.noise import Noise
from xuxie.compare.paired import Difference, difference
from xuxie.retrain.gate.candidate import Candidate
from xuxie.retrain.gate.judge import assumed, of_parts

DRAWS = 20_000
# A challenger is promoted for either.
LOOKS = (ALL, FRESH)
# The parts that share one promise: frozen, fresh, and two sources.
PARTS = 4


def promoted_by_chance(bench: Bench, count: int) -> dict[str, Any]:
    equals = [list(of_halving(bench, count, halving)) for halving in range(HALVINGS)]
    seeds_alone = {
        f"{confidence:.0%}, {seeds} seeds": by_draws(equals, confidence, seeds)
        for confidence in (0.9, 0.95, 0.99)
        for seeds in (3, 5)
    }
    pairs = [pair for models in equals for pair in combinations(models, 2)]
    return {"seeds_alone": seeds_alone, "pairs": by_pairs(pairs, bench.noise())}


def of_halving(bench: Bench, count: int, halving: int) -> Iterator[Candidate]:
    """All that were trained on the same text as long."""
    models: dict[str, Model] = {model.name: model for model in of_noise()}
    for case in cases(count):
        if case.kind == "equal":
            models |= {each.name: each for each in (case.champion, case.challenger)}
    yield from (bench.candidate(m) for m in models.values() if m.halving == halving)


def rates(models: list[Candidate]) -> npt.NDArray[np.float64]:
    """[models, looks], bits per character."""
    common, _ = in_common([model.scores for model in models])
    masks = [common.slices()[part] for part in LOOKS]
    return np.stack(
        [common.bits[:, mask].sum(1) / common.characters[mask].sum() for mask in masks], axis=1
    )


def by_draws(equals: list[list[Candidate]], confidence: float, seeds: int) -> dict[str, float]:
    """Share of draws in which what seeds are allowed is passed, whatever documents add.

    Champion, challenger and the seeds that the noise is measured on are drawn anew each time.
    """
    random, tables = np.random.default_rng(1), [rates(models) for models in equals]
    passed, either = np.zeros(len(LOOKS)), 0
    for _ in range(DRAWS):
        one, other, *rest = random.permutation(tables[random.integers(len(tables))])[: seeds + 2]
        spread = np.std(np.array(rest), axis=0, ddof=1)
        noise = Noise(seeds, dict(zip(LOOKS, map(float, spread), strict=True)))
        stricter = 1 - (1 - confidence) / PARTS
        margins = [noise.margin(ALL, confidence) or 0.0, noise.margin(FRESH, stricter) or 0.0]
        looks = other - one < -np.array(margins)
        passed += looks
        either += bool(looks.any())
    shares = dict(zip(LOOKS, map(float, passed / DRAWS), strict=True))
    return shares | {"either": either / DRAWS}


def by_pairs(pairs: list[tuple[Candidate, Candidate]], noise: Noise) -> dict[str, Any]:
    """Share of ordered pairs whose second is promoted: as the gate looks, and with less."""
    gate = small_models.settings().retrain.gate
    measured, configured = of_parts(noise, LOOKS), assumed(LOOKS, gate)
    looked = [looks(*pair) for pair in pairs]
    counted = {"pairs": float(2 * len(pairs))}
    for name, known in (("documents", None), ("configured", configured), ("measured", measured)):
        found = [[with_seeds(look, known) for look in pair] for pair in looked]
        counted[f"{name} all"] = share([[each[0]] for each in found])
        counted[f"{name} fresh"] = share([[each[1]] for each in found])
        counted[f"{name} either"] = share(found)
    return counted


def looks(one: Candidate, other: Candidate) -> list[tuple[Difference, float]]:
    """Each with the confidence of its interval."""
    common, _ = in_common([one.scores, other.scores])
    bootstrap, parts = small_models.settings().evaluate.bootstrap, common.slices()
    families = {ALL: 1, FRESH: len(parts) - 1}
    return [
        (
            difference(common, (0, 1), part, parts[part], family, bootstrap, None),
            1 - (1 - bootstrap.confidence) / family,
        )
        for part, family in families.items()
    ]


def with_seeds(look: tuple[Difference, float], noise: Noise | None) -> Difference:
    found, confidence = look
    return replace(found, seed=noise.margin(found.part, confidence) if noise else None)


def share(found: list[list[Difference]]) -> float:
    """Of both orders of each pair: better in a look, and worse in none."""
    outcomes = [{each.outcome() for each in looks} for looks in found]
    promoted = sum(
        good in seen and bad not in seen
        for seen in outcomes
        for good, bad in permutations(("better", "worse"))
    )
    return promoted / (2 * len(outcomes))
