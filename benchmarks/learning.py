"""Speed in learning: trains recipes on one corpus and prints bits per character against cost.

Each trial is the default configuration under Hydra overrides; `a=1,2 b=3,4` is a grid of four. Cost
is processor time without the validations, which work beside it on the machine hardly changes:
compare recipes trained with `train.threads=1`.

    python benchmarks/learning.py --tokens data/tokens --tokenizer models/tokenizer \
        --out /tmp/trials train.threads=1 model.width=128,256 train.seed=1,2,3
"""

import argparse
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import torch

from xuxie.config import Config, check
from xuxie.evaluate.score import scored
from xuxie.evaluate.tables import figures
from xuxie.evaluate.texts import read_texts
from xuxie.model.architecture import build
from xuxie.model.directory import load_tokenizer, save
from xuxie.model.memory import keep_freed_memory
from xuxie.params.compose import compose
from xuxie.tokenizer.encode import boundary
from xuxie.tokenizer.tokens import open_tokens
from xuxie.track.run import Run
from xuxie.train.checkpoints import Checkpoints
from xuxie.train.curves import Curves
from xuxie.train.embeddings import begin_from_neighbours
from xuxie.train.fit import fit
from xuxie.train.training import Training, assemble

CONF = Path(__file__).resolve().parent.parent / "conf"


@dataclass(frozen=True)
class Place:
    """tokens, tokenizer: as the stage wrote them. splits: to score by source, or None."""

    tokens: Path
    tokenizer: Path
    splits: Path | None
    out: Path


class TimedCurves(Curves):
    """Curves that also know what each point has cost: seconds of processor and of the clock."""

    def on_train_start(self, *arguments: Any) -> None:
        super().on_train_start(*arguments)
        self.costs: list[tuple[float, float]] = []
        self.outside = (0.0, 0.0)
        self.origin = now()

    def on_validation_start(self, *_: Any) -> None:
        reached = now()
        self.costs.append(
            (
                reached[0] - self.origin[0] - self.outside[0],
                reached[1] - self.origin[1] - self.outside[1],
            )
        )
        self.paused = reached

    def on_validation_end(self, *arguments: Any) -> None:
        super().on_validation_end(*arguments)
        back = now()
        self.outside = (
            self.outside[0] + back[0] - self.paused[0],
            self.outside[1] + back[1] - self.paused[1],
        )


def now() -> tuple[float, float]:
    """Seconds of processor time of this process, and of the clock."""
    return time.process_time(), time.perf_counter()


def grid(overrides: list[str]) -> Iterator[list[str]]:
    """Every combination of the comma-separated values."""
    choices = []
    for override in overrides:
        key, _, values = override.partition("=")
        choices.append([f"{key}={value}" for value in values.split(",")])
    for chosen in product(*choices):
        yield list(chosen)


def assembled(config: Config, place: Place) -> Training:
    words = load_tokenizer(place.tokenizer)
    end = boundary(words)
    train = open_tokens(place.tokens, "train")
    model = build(config.model, vocabulary=len(words), boundary=end, seed=config.train.seed)
    if config.model.embeddings == "neighbours":
        begin_from_neighbours(model, train, config.train.seed)
    return assemble(
        config.train,
        config.model,
        model,
        train=train,
        validation=open_tokens(place.tokens, "val"),
        boundary=end,
    )


def learned(training: Training, config: Config, scratch: Path) -> TimedCurves:
    """Train to the end, as the stage does; what was seen on the way."""
    curves = TimedCurves(
        Run(None),
        steps=training.steps,
        tokens_per_step=training.tokens_per_step,
        bits_per_nat=training.bits_per_nat,
    )
    shutil.rmtree(scratch, ignore_errors=True)  # a trial begins anew
    fit(training, curves, config.train, Checkpoints(scratch))
    return curves


def trial(overrides: list[str], place: Place) -> dict[str, Any]:
    config = check(compose(CONF, overrides))
    torch.set_num_threads(config.train.threads)
    training = assembled(config, place)
    curves = learned(training, config, place.out / "scratch")
    save(training.module.model, load_tokenizer(place.tokenizer), place.out / "model")
    processor, clock = curves.costs[-1]
    return {
        "overrides": overrides,
        **{key: value for key, value in training.facts().items() if key != "architecture"},
        "precision": training.precision,
        "points": [
            (point.tokens, round(cost, 1), round(point.val, 4))
            for point, (cost, _) in zip(curves.points, curves.costs, strict=True)
        ],
        "val": round(curves.best(), 4),
        "processor_seconds": round(processor, 1),
        "clock_seconds": round(clock, 1),
        "sources": by_source(training, config, place),
    }


def by_source(training: Training, config: Config, place: Place) -> dict[str, dict[str, float]]:
    """Bits per character of each source of val and test, as `evaluate` scores them."""
    if place.splits is None:
        return {}
    words, model = load_tokenizer(place.tokenizer), training.module.model.eval()
    found = {}
    for part in ("val", "test"):
        texts = read_texts(place.splits / f"{part}.parquet")
        scores = scored(config.evaluate, model, words, texts)
        table = figures(scores, texts, config.evaluate.bootstrap)
        found[part] = {name: round(row["bits_per_character"], 4) for name, row in table.items()}
    return found


def told(result: dict[str, Any]) -> str:
    points = "  ".join(f"{tokens:,}: {val} ({cost} s)" for tokens, cost, val in result["points"])
    rate = result["tokens"] / result["processor_seconds"]
    return (
        f"{' '.join(result['overrides'])}\n  {result['parameters']:,} parameters, {points}\n"
        f"  val {result['val']} after {result['processor_seconds']} s of processor time,"
        f" {rate:,.0f} tokens/s, {result['clock_seconds']} s of the clock\n  {result['sources']}"
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--splits", type=Path, help="score val and test by source, too")
    parser.add_argument("--out", type=Path, required=True, help="trials.jsonl, the last model")
    parser.add_argument("overrides", nargs="*")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    place = Place(given.tokens, given.tokenizer, given.splits, given.out)
    place.out.mkdir(parents=True, exist_ok=True)
    keep_freed_memory()
    for overrides in grid(given.overrides):
        result = trial(overrides, place)
        print(told(result), flush=True)
        with (place.out / "trials.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(result, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
