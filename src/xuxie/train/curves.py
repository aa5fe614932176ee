"""What is seen while a model trains: a progress bar, a line at each validation, the curves."""

import math
import sys
import time
from dataclasses import dataclass
from typing import Any

import pytorch_lightning as pl
from tqdm import tqdm

from xuxie.errors import ExitCode, Refusal
from xuxie.track.run import Run

POINTS = 200


@dataclass(frozen=True)
class Point:
    """Bits per character after so many tokens: train since the point before, val at this one."""

    tokens: int
    train: float
    val: float


class Curves(pl.Callback):
    """
    Args:
        run: gets about POINTS points of the training curve and every validation.
        steps: of the whole training.
        tokens_per_step: tokens a step predicts.
        bits_per_nat: turns nats a train token into bits a character.
    """

    def __init__(self, run: Run, *, steps: int, tokens_per_step: int, bits_per_nat: float) -> None:
        self.run, self.steps, self.tokens_per_step = run, steps, tokens_per_step
        self.bits_per_nat = bits_per_nat
        self.points: list[Point] = []
        self.nats: list[float] = []
        self.step = 0

    def on_train_start(self, *_: Any) -> None:
        self.began = time.monotonic()
        total = self.steps * self.tokens_per_step
        self.bar = tqdm(total=total, desc="训练 train", unit=" tok", unit_scale=True, disable=None)

    def on_train_batch_end(
        self, trainer: pl.Trainer, _: pl.LightningModule, outputs: Any, *__: Any
    ) -> None:
        loss = float(outputs["loss"] if isinstance(outputs, dict) else outputs)
        if not math.isfinite(loss):
            raise diverged(trainer.global_step)
        self.nats.append(loss * trainer.accumulate_grad_batches)
        if trainer.global_step > self.step:
            self.step = trainer.global_step
            self.bar.update(self.tokens_per_step)
            self.bar.set_postfix(bits=f"{self.nats[-1] * self.bits_per_nat:.2f}", refresh=False)
            if self.step % max(1, self.steps // POINTS) == 0:
                self.log_step(trainer)

    def log_step(self, trainer: pl.Trainer) -> None:
        tokens = self.step * self.tokens_per_step
        self.run.metrics(
            {
                "train/bits_per_character": self.nats[-1] * self.bits_per_nat,
                "train/rate": trainer.optimizers[0].param_groups[0]["lr"],
                "train/tokens_per_second": tokens / (time.monotonic() - self.began),
            },
            step=tokens,
        )

    def on_validation_end(self, trainer: pl.Trainer, *_: Any) -> None:
        tokens = self.step * self.tokens_per_step
        val = float(trainer.callback_metrics["val/bits_per_character"])
        if not math.isfinite(val):
            raise diverged(trainer.global_step)
        train = sum(self.nats) / max(len(self.nats), 1) * self.bits_per_nat
        self.nats.clear()
        self.points.append(Point(tokens, train, val))
        self.run.metrics({"val/bits_per_character": val}, step=tokens)
        seconds = time.monotonic() - self.began
        left = seconds / max(tokens, 1) * (self.steps * self.tokens_per_step - tokens)
        self.bar.write(
            f"{tokens:>12,} 词元 tokens   验证 validation {val:.3f} 比特/字 bits per character   "
            f"{tokens / seconds:,.0f} tok/s   剩余 left {left / 60:.1f} min",
            file=sys.stdout,
        )

    def best(self) -> float:
        """Validation bits per character of the weights that were kept."""
        return min(point.val for point in self.points)

    def on_train_end(self, *_: Any) -> None:
        self.bar.close()


def diverged(step: int) -> Refusal:
    return Refusal(
        ExitCode.DIVERGED,
        f"训练在第 {step} 步发散（损失不是有限数）；请调低 train.optimizer 的学习率",
        f"training diverged at step {step} (the loss is not finite);"
        " lower the rates in train.optimizer",
    )


def bits_per_nat(num_tokens: int, characters: int) -> float:
    """Bits a character for one nat a token."""
    return num_tokens / characters / math.log(2)
