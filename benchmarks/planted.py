"""Does `xuxie compare` tell the truth? Trains small models whose order is known, and asks it.

Pairs of models that differ in their seed alone should be called "no difference"; a model trained
longer better, a damaged one worse. Seed noise is measured on further seeds, as `xuxie noise` does.

    python benchmarks/planted.py --splits data/splits --work /tmp/planted
"""

import argparse
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
from machine import described
from small_models import settings, tokenize, train
from transformers import PreTrainedModel

from xuxie.compare.documents import in_common
from xuxie.compare.noise import Noise
from xuxie.compare.paired import Difference, differences
from xuxie.compare.verdict import verdict
from xuxie.config import Config
from xuxie.evaluate.score import scored
from xuxie.evaluate.texts import Texts, read_texts
from xuxie.model.directory import load_model, load_tokenizer

# Documents scored of each group: a law may have a hundred articles.
PER_GROUP = 12
PAIRS, SEEDS = 20, 5


@dataclass(frozen=True)
class Bench:
    """Where the models lie, how long one trains, and the documents that all are scored on."""

    work: Path
    splits: Path
    epochs: float
    texts: Texts

    def settings(self, seed: int, share: float = 1.0) -> Config:
        return settings(f"train.seed={seed}", f"train.epochs={self.epochs * share}")

    def tokenize(self) -> None:
        tokenize(self.settings(1).tokenizer, self.splits, self.work)

    def train(self, seed: int, share: float = 1.0) -> Path:
        """A model directory; one that an earlier call made is taken as it is."""
        out = self.work / f"models/{seed}-{share}"
        return train(self.settings(seed, share), self.work, out, self.work)

    def score(self, model: PreTrainedModel) -> pa.Table:
        """What the evaluate stage makes of the documents."""
        words = load_tokenizer(self.work / "tokenizer")
        found = scored(self.settings(1).evaluate, model, words, self.texts)
        characters = self.texts.characters().astype(int)
        return pa.table(
            {
                "id": [str(number) for number in range(len(characters))],
                "source": self.texts.sources,
                "group": [str(group) for group in self.texts.groups],
                "frozen": np.ones(len(characters), dtype=bool),
                "characters": characters,
                "bytes": self.texts.bytes().astype(int),
                "tokens": found.tokens,
                "bits": found.nats / math.log(2),
                "right": found.right,
            }
        )

    def trained(self, seed: int, share: float = 1.0) -> pa.Table:
        """Scores of a training; those of an earlier call are taken as they are."""
        kept = self.work / f"scores/{seed}-{share}.arrow"
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            table = self.score(load_model(self.train(seed, share)))
            with pa.ipc.new_file(kept, table.schema) as file:
                file.write_table(table)
        return pa.ipc.open_file(kept).read_all()


def some_texts(path: Path) -> Texts:
    """The first PER_GROUP documents of each group of a split."""
    every = read_texts(path)
    starts = np.flatnonzero(np.r_[True, every.groups[1:] != every.groups[:-1]])
    rank = np.arange(len(every.groups)) - np.repeat(
        starts, np.diff(np.r_[starts, len(every.groups)])
    )
    kept = rank < PER_GROUP
    return Texts(every.of(kept), list(np.array(every.sources)[kept]), every.groups[kept])


def noise_of(tables: list[pa.Table]) -> Noise:
    """Standard deviations of bits per character over trainings that differ in their seed."""
    common, _ = in_common(tables)
    rates = {
        part: common.bits[:, mask].sum(axis=1) / common.characters[mask].sum()
        for part, mask in common.slices().items()
    }
    return Noise(len(tables), {part: float(rate.std(ddof=1)) for part, rate in rates.items()})


def compared(first: pa.Table, second: pa.Table, noise: Noise | None) -> list[Difference]:
    bootstrap = settings().evaluate.bootstrap
    return differences(in_common([first, second])[0], bootstrap, noise)


def damaged(model: PreTrainedModel, how: str) -> PreTrainedModel:
    """The model with noise on its weights, or with the embeddings of frequent tokens swapped."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        if how == "noise":
            for weight in model.parameters():
                spread = 0.2 * weight.std() if weight.ndim > 1 else torch.zeros(())
                weight += spread * torch.randn(weight.shape, generator=generator)
        else:
            table = model.get_input_embeddings().weight
            rows = torch.arange(300, 320)
            table[rows] = table[rows.flip(0)].clone()
    return model


def same_configuration(bench: Bench, noise: Noise) -> dict[str, int]:
    """Of PAIRS pairs that differ in their seed alone: how many are called different."""
    called = {"documents alone": 0, "with seed noise": 0}
    for number in range(PAIRS):
        pair = bench.trained(2 * number + 1), bench.trained(2 * number + 2)
        called["documents alone"] += compared(*pair, None)[0].outcome() != "none"
        outcome = compared(*pair, noise)[0].outcome()
        called["with seed noise"] += outcome in {"better", "worse"}
    return called


def over_many_draws(bench: Bench, draws: int = 2000) -> dict[int, float]:
    """Share of pairs called different whatever seeds the noise is measured on, by how many."""
    seeds = [*range(1, 2 * PAIRS + 1), *range(101, 101 + SEEDS)]
    tables = [bench.trained(seed) for seed in seeds]
    common, _ = in_common(tables)
    rates = common.bits.sum(axis=1) / common.characters.sum()
    random, shares = np.random.default_rng(1), {}
    for seeds_measured in (3, 5, 10):
        outside = 0
        for _ in range(draws):
            one, other, *rest = random.permutation(rates)[: seeds_measured + 2]
            margin = Noise(seeds_measured, {"all": float(np.std(rest, ddof=1))}).margin("all", 0.95)
            outside += abs(one - other) > (margin or 0)
        shares[seeds_measured] = outside / draws
    return shares


def truths(bench: Bench, noise: Noise) -> list[tuple[str, str, str]]:
    """Each planted difference, what should be said of it, and what is said."""
    plain = bench.trained(1)
    model = bench.train(1)
    cases = [
        ("trained three times as long", "better", bench.trained(2, 3.0)),
        ("trained half as long", "worse", bench.trained(2, 0.5)),
        ("noise on the weights", "worse", bench.score(damaged(load_model(model), "noise"))),
        ("20 tokens swapped", "worse", bench.score(damaged(load_model(model), "swap"))),
        ("the same model", "none", bench.score(load_model(model))),
    ]
    rows = []
    for name, expected, table in cases:
        found = compared(plain, table, noise)
        right = [int(np.sum(scores["right"].to_numpy())) for scores in (plain, table)]
        said = f"{verdict(found).english}; right guesses {right[0]:,} -> {right[1]:,}"
        rows.append((name, expected, f"{found[0].outcome()}: {said}"))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--epochs", type=float, default=0.1)
    given = parser.parse_args()
    torch.set_num_threads(1)
    texts = some_texts(given.splits / "test.parquet")
    bench = Bench(given.work.resolve(), given.splits.resolve(), given.epochs, texts)
    bench.tokenize()
    noise = noise_of([bench.trained(101 + number) for number in range(SEEDS)])
    print(described(threads=1))
    print(json.dumps({"seeds": noise.seeds, "sd": noise.sd}))
    for name, expected, said in truths(bench, noise):
        print(f"| {name} | {expected} | {said} |", flush=True)
    print(f"pairs of seeds called different, of {PAIRS}:", same_configuration(bench, noise))
    print("share called different by seeds measured:", over_many_draws(bench))


if __name__ == "__main__":
    main()
