"""Ours, for `training.py`: the training stage's own path, or the same step in a bare loop.

As the stage trains: windows of the tokens, Lightning, checks, checkpoints, curves, MLflow. The bare
loop has the same module, windows and optimizer and nothing else.
"""

import argparse
import itertools
import os
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from rounds import Rounds
from shapes import SHAPES, Shape
from torch.nn.utils import clip_grad_norm_

from xuxie.config import Config, check
from xuxie.model.architecture import build
from xuxie.model.memory import keep_freed_memory
from xuxie.params.compose import compose
from xuxie.tokenizer.tokens import open_tokens
from xuxie.track.run import training_run
from xuxie.train.checkpoints import Checkpoints
from xuxie.train.curves import Curves
from xuxie.train.data import collate
from xuxie.train.fit import fit
from xuxie.train.training import Training, assemble

CONF = Path(__file__).resolve().parent.parent / "conf"


class Told(Curves):
    """The stage's curves, which also count the rounds."""

    rounds: Rounds

    def on_train_batch_end(self, trainer: pl.Trainer, *arguments: Any) -> None:
        super().on_train_batch_end(trainer, *arguments)
        self.rounds.step(self.nats[-1])


def configured(shape: Shape, overrides: list[str]) -> Config:
    chosen = {
        "model.layers": shape.layers,
        "model.heads": shape.heads,
        "model.width": shape.width,
        "model.context": shape.context,
        "train.batch": shape.batch,
        # One validation, at an end that is not reached: the others train without, too.
        "train.validations": 1,
    }
    return check(compose(CONF, [f"{key}={value}" for key, value in chosen.items()] + overrides))


def assembled(config: Config, shape: Shape, tokens: Path) -> Training:
    return assemble(
        config.train,
        config.model,
        build(config.model, vocabulary=shape.vocabulary, boundary=0, seed=config.train.seed),
        train=open_tokens(tokens, "train"),
        validation=open_tokens(tokens, "val"),
        boundary=0,
    )


def by_lightning(training: Training, config: Config, rounds: Rounds, work: Path) -> None:
    os.chdir(work)
    with training_run(config.track, name="benchmark", params={}, tags={}, key="benchmark") as run:
        curves = Told(
            run,
            steps=training.steps,
            tokens_per_step=training.tokens_per_step,
            bits_per_nat=training.bits_per_nat,
        )
        curves.rounds = rounds
        fit(training, curves, config.train, Checkpoints(work / "checkpoints"))


def bare(training: Training, config: Config, rounds: Rounds) -> None:
    module, windows, batch = training.module, training.data.train, config.train.batch
    stepper = module.configure_optimizers()["optimizer"]
    reduced = training.precision == "bf16"
    for number in itertools.count():
        places = range(number * batch, (number + 1) * batch)
        with torch.autocast("cpu", torch.bfloat16, enabled=reduced):
            loss = module.training_step(collate([windows[place] for place in places]), number)
        loss.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(module.parameters(), config.train.optimizer.clip)
        stepper.step()
        stepper.zero_grad(set_to_none=True)
        rounds.step(loss.item())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("loop", choices=["lightning", "bare"])
    parser.add_argument("--shape", required=True, choices=SHAPES)
    parser.add_argument("--tokens", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("overrides", nargs="*")
    given = parser.parse_intermixed_args()
    rounds, shape = Rounds(given.steps), SHAPES[given.shape]
    config = configured(shape, given.overrides)
    torch.set_num_threads(config.train.threads)
    keep_freed_memory()
    given.work.mkdir(parents=True, exist_ok=True)
    training = assembled(config, shape, given.tokens.resolve())
    if given.loop == "lightning":
        by_lightning(training, config, rounds, given.work.resolve())
    else:
        bare(training, config, rounds)


if __name__ == "__main__":
    main()
