"""Keeps a training's state between its steps, and takes a training up where it stopped."""

import time
from collections.abc import Callable
from typing import Any, Protocol

import pytorch_lightning as pl
import torch

from xuxie.stopping import STOP, take_signals
from xuxie.train.checkpoints import Checkpoints, State


class Remembers(Protocol):
    """What has a state besides the model: curves, patience."""

    def state_dict(self) -> dict[str, Any]: ...
    def load_state_dict(self, state_dict: dict[str, Any]) -> None: ...


class Resume(pl.Callback):
    """Writes checkpoints between steps, and restores one before the first.

    Lightning's own resuming is not used: from the last batch of an epoch it skips what is left,
    and its checkpoints hold neither the state of the random numbers nor a checksum. Here batches
    and random numbers are functions of (seed, step), so that a resumed training is a training of
    the steps that are left.

    Args:
        state: to go on from, or None.
        seconds: between checkpoints; 0 writes one after each step.
        remember: more states to keep, by name.
        asked: whether a signal has asked to stop.
    """

    def __init__(
        self,
        checkpoints: Checkpoints,
        state: State | None,
        *,
        seed: int,
        seconds: float,
        monitored: str,
        remember: dict[str, Remembers],
        asked: Callable[[], bool],
    ) -> None:
        self.checkpoints, self.state, self.seed = checkpoints, state, seed
        self.seconds, self.monitored, self.remember = seconds, monitored, remember
        self.asked = asked
        self.best_step: int | None = state["best_step"] if state else None
        self.best = state["best"] if state else float("inf")

    def on_train_start(self, trainer: pl.Trainer, *_: Any) -> None:
        self.saved = time.monotonic()
        take_signals()  # Lightning's handler would end the process with exit code 0
        if self.state is None:
            return
        trainer.strategy.load_optimizer_state_dict({"optimizer_states": [self.state["optimizer"]]})
        trainer.precision_plugin.load_state_dict(self.state["scale"])
        trainer.lr_scheduler_configs[0].scheduler.load_state_dict(self.state["schedule"])
        for name, part in self.remember.items():
            part.load_state_dict(self.state[name])
        self.state = None  # its tensors are copied: free them

    def on_train_batch_start(
        self, trainer: pl.Trainer, _: pl.LightningModule, __: Any, batch_idx: int
    ) -> None:
        """Here the step before is whole, its validation included."""
        if batch_idx % trainer.accumulate_grad_batches:
            return
        torch.manual_seed(noise_seed(self.seed, trainer.global_step))
        stop = self.stopped(trainer)
        if stop or (trainer.global_step and time.monotonic() - self.saved >= self.seconds):
            self.save(trainer, done=False)
        if stop:
            if trainer.is_global_zero:
                tell_kept(trainer.global_step)
            STOP.leave_with_others()

    def stopped(self, trainer: pl.Trainer) -> bool:
        """Whether any of the processes was asked to stop: they must leave at the same step."""
        asked: bool = trainer.strategy.reduce_boolean_decision(self.asked(), all=False)
        return asked

    def on_validation_end(self, trainer: pl.Trainer, *_: Any) -> None:
        value = float(trainer.callback_metrics[self.monitored])
        if value < self.best:
            self.best, self.best_step = value, trainer.global_step
            weights = trainer.strategy.lightning_module_state_dict()
            if trainer.is_global_zero:
                self.checkpoints.write_best(self.best_step, weights)

    def on_train_end(self, trainer: pl.Trainer, *_: Any) -> None:
        self.save(trainer, done=True)

    def save(self, trainer: pl.Trainer, *, done: bool) -> None:
        """
        Args:
            done: nothing is left to train, for want of steps or of patience.
        """
        state = {
            "step": trainer.global_step,
            "done": done,
            "best_step": self.best_step,
            "best": self.best,
            "model": trainer.strategy.lightning_module_state_dict(),
            "optimizer": trainer.strategy.optimizer_state(trainer.optimizers[0]),
            "scale": trainer.precision_plugin.state_dict(),
            "schedule": trainer.lr_scheduler_configs[0].scheduler.state_dict(),
        }
        state |= {name: part.state_dict() for name, part in self.remember.items()}
        if trainer.is_global_zero:
            self.checkpoints.write(state)
        self.saved = time.monotonic()


def noise_seed(seed: int, step: int) -> int:
    """Of dropout at `step`: no state of a generator has to be kept."""
    return (seed * 1_000_003 + step) % 2**63


def tell_kept(step: int) -> None:
    print(
        f"第 {step} 步已保存，再次运行 dvc repro 即从这里继续"
        f" | step {step} is kept: dvc repro goes on from there"
    )


def skip_steps(trainer: pl.Trainer, steps: int) -> None:
    """Have Lightning count from `steps` on: what loading one of its checkpoints would set."""
    loop = trainer.fit_loop.epoch_loop
    loop.batch_progress.total.increment_by(steps * trainer.accumulate_grad_batches)
    loop.automatic_optimization.optim_progress.optimizer.step.total.increment_by(steps)
