"""What is seen while a model trains: a progress bar, a line at each validation, the curves."""

import math
import sys
import time
from dataclasses import astuple, dataclass
from typing import Any

import pytorch_lightning as pl
from torch import Tensor
from tqdm import tqdm

from xuxie.errors import ExitCode, Refusal
from xuxie.track.run import Run

POINTS = 200
# A training whose running mean of the loss lies so many nats above the first loss is lost.
RISE = 1.0
SMOOTHING = 0.02


@dataclass(frozen=True)
class Point:
    """Bits per character after so many tokens: train since the point before (None before
    the first step), val at this one."""

    tokens: int
    train: float | None
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
        # The same, since the last point of the training curve.
        self.recent: list[float] = []
        self.step = 0
        # The first loss, and the running mean of all, in nats a token.
        self.level: tuple[float, float] | None = None
        self.began = time.monotonic()

    def state_dict(self) -> dict[str, Any]:
        return {
            "points": [astuple(point) for point in self.points],
            "nats": list(self.nats),
            "recent": list(self.recent),
            "step": self.step,
            "level": self.level,
            "seconds": time.monotonic() - self.began,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.points = [Point(*values) for values in state_dict["points"]]
        self.nats, self.recent = list(state_dict["nats"]), list(state_dict["recent"])
        self.step = state_dict["step"]
        self.level = state_dict["level"]
        self.began = time.monotonic() - state_dict["seconds"]

    def on_train_start(self, trainer: pl.Trainer, *_: Any) -> None:
        self.began = time.monotonic()
        self.bar = tqdm(
            total=self.steps * self.tokens_per_step,
            initial=trainer.global_step * self.tokens_per_step,
            desc="训练 train",
            unit=" tok",
            unit_scale=True,
            disable=None if trainer.is_global_zero else True,
        )

    def on_train_batch_end(
        self, trainer: pl.Trainer, _: pl.LightningModule, outputs: Any, *__: Any
    ) -> None:
        loss = mean_of_all(trainer, outputs["loss"] if isinstance(outputs, dict) else outputs)
        self.nats.append(loss * trainer.accumulate_grad_batches)
        self.recent.append(self.nats[-1])
        self.check(trainer)
        if trainer.global_step > self.step:
            self.step = trainer.global_step
            self.bar.update(self.tokens_per_step)
            self.bar.set_postfix(bits=f"{self.nats[-1] * self.bits_per_nat:.2f}", refresh=False)
            if self.step % max(1, self.steps // POINTS) == 0:
                self.log_step(trainer)

    def check(self, trainer: pl.Trainer) -> None:
        """
        Raises:
            Refusal: (exit code 76) the loss is no number, or has stayed above where it began.
        """
        loss = self.nats[-1]
        first, smooth = self.level or (loss, loss)
        self.level = (first, smooth + SMOOTHING * (loss - smooth))
        if not math.isfinite(loss) or self.level[1] > first + RISE:
            raise diverged(trainer.global_step)

    def log_step(self, trainer: pl.Trainer) -> None:
        tokens = self.step * self.tokens_per_step
        values = {
            "train/bits_per_character": sum(self.recent) / len(self.recent) * self.bits_per_nat,
            "train/rate": trainer.optimizers[0].param_groups[0]["lr"],
            "train/tokens_per_second": tokens / (time.monotonic() - self.began),
        }
        self.recent.clear()
        # Told first: MLflow's comparison opens on the first metric of a run.
        self.run.metrics(values, step=tokens)
        self.run.metrics(self.run.usage(), step=tokens)

    def on_validation_end(self, trainer: pl.Trainer, *_: Any) -> None:
        tokens = self.step * self.tokens_per_step
        val = float(trainer.callback_metrics["val/bits_per_character"])
        if not math.isfinite(val):
            raise diverged(trainer.global_step)
        train = sum(self.nats) / len(self.nats) * self.bits_per_nat if self.nats else None
        self.nats.clear()
        self.points.append(Point(tokens, train, val))
        self.run.metrics({"val/bits_per_character": val} | self.run.spent(), step=tokens)
        if not trainer.is_global_zero:
            return
        told = f"{tokens:>12,} 词元 tokens   验证 validation {val:.3f} 比特/字 bits per character"
        tqdm.write(told + self.pace(tokens), file=sys.stdout)

    def pace(self, tokens: int) -> str:
        if tokens == 0:
            return ""
        rate = tokens / (time.monotonic() - self.began)
        left = (self.steps * self.tokens_per_step - tokens) / rate
        return f"   {rate:,.0f} tok/s   剩余 left {left / 60:.1f} min"

    def scores(self) -> dict[str, float]:
        """Bits per character: the best, and before the first step where that was scored."""
        scores = {"bits_per_character": self.best()}
        if self.points[0].tokens == 0:
            scores["before_training"] = self.points[0].val
        return scores

    def best(self) -> float:
        """Validation bits per character of the weights that were kept."""
        return min(point.val for point in self.points)

    def on_train_end(self, *_: Any) -> None:
        self.bar.close()


def mean_of_all(trainer: pl.Trainer, loss: Tensor) -> float:
    """The loss of the global batch, of which each process has a part of the same size."""
    if trainer.world_size == 1:
        return float(loss)
    return float(trainer.strategy.reduce(loss.detach().clone(), reduce_op="mean"))


def diverged(step: int) -> Refusal:
    return Refusal(
        ExitCode.DIVERGED,
        f"训练在第 {step} 步发散（损失或梯度不是有限数，或损失持续升高）；"
        "此前的检查点保留；请调低 train.optimizer 的学习率",
        f"training diverged at step {step} (the loss or the gradient is not finite, or the loss"
        " stays above where it began); the checkpoint before it is kept;"
        " lower the rates in train.optimizer",
    )


def bits_per_nat(num_tokens: int, characters: int) -> float:
    """Bits a character for one nat a token."""
    return num_tokens / characters / math.log(2)
