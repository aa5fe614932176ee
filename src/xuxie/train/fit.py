"""One training by Lightning: from a model and its windows to the best weights it reached."""

import logging
import warnings

import pytorch_lightning as pl
from pytorch_lightning.callbacks import EarlyStopping
from pytorch_lightning.utilities import rank_zero_only

from xuxie.stopping import stops_deferred
from xuxie.train.checkpoints import Checkpoints, State
from xuxie.train.curves import Curves
from xuxie.train.memory import is_out_of_memory, out_of_memory
from xuxie.train.processes import environment, places, strategy
from xuxie.train.resume import Resume, skip_steps
from xuxie.train.settings import TrainSettings
from xuxie.train.sharding import put_together
from xuxie.train.training import Training

MONITORED = "val/bits_per_character"
LIGHTNING = {"fp32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}


def fit(
    training: Training, curves: Curves, settings: TrainSettings, checkpoints: Checkpoints
) -> None:
    """Train and leave the weights of the best validation in `training.module`.

    A training of which `checkpoints` holds a state goes on from there. Of several processes the
    first alone has the result.
    """
    for name in ("pytorch_lightning", "lightning_fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    state = checkpoints.newest()
    if state is not None:
        training.module.load_state_dict(state["model"])
        tell_resumed(state["step"], training.steps)
    if state is None or not state["done"]:
        train(training, curves, settings, checkpoints, state)
    if rank_zero_only.rank:
        return
    state = checkpoints.newest()
    assert state is not None and state["best_step"] is not None
    curves.load_state_dict(state["curves"])
    if state["best_step"] == 0:
        tell_unchanged()
    put_together(training.module, training.module.model, checkpoints.best(state["best_step"]))


def train(
    training: Training,
    curves: Curves,
    settings: TrainSettings,
    checkpoints: Checkpoints,
    state: State | None,
) -> None:
    patience = EarlyStopping(MONITORED, patience=settings.patience, mode="min")
    first = state["step"] if state else 0
    training.data.sampler.first = first * settings.accumulate
    with stops_deferred() as asked:
        resume = Resume(
            checkpoints,
            state,
            seed=settings.seed,
            seconds=settings.checkpoint_seconds,
            monitored=MONITORED,
            remember={"curves": curves, "patience": patience},
            asked=asked,
        )
        trainer = lightning(training, settings, [curves, patience, resume])
        skip_steps(trainer, first)
        with warnings.catch_warnings():
            # The windows come from memory maps: a second process would only copy them.
            warnings.filterwarnings("ignore", message=".*does not have many workers.*")
            # Lightning 2.6 asks torch 2.13 in an old way.
            warnings.filterwarnings("ignore", module=r"pytorch_lightning\.utilities\._pytree")
            if training.pretrained and state is None:
                trainer.validate(training.module, training.data, verbose=False)
            steps(trainer, training, settings)


def steps(trainer: pl.Trainer, training: Training, settings: TrainSettings) -> None:
    """
    Raises:
        Refusal: (exit code 64) memory ran out; it names the batch that fits.
    """
    try:
        trainer.fit(training.module, training.data)
        return
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
    # Only here, where the error no longer holds the tensors of the step that failed.
    raise out_of_memory(training.module, training.data, settings)


def lightning(
    training: Training, settings: TrainSettings, callbacks: list[pl.Callback]
) -> pl.Trainer:
    return pl.Trainer(
        accelerator="auto",
        **places(settings),
        strategy=strategy(settings),
        plugins=environment(),
        precision=LIGHTNING[training.precision],
        max_steps=training.steps,
        accumulate_grad_batches=settings.accumulate,
        gradient_clip_val=settings.optimizer.clip,
        val_check_interval=training.interval * settings.accumulate,
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        deterministic=True,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
        callbacks=callbacks,
    )


def tell_unchanged() -> None:
    print(
        "训练没有让模型变好，保留训练前的权重；请调低 train.optimizer 的学习率，或换更多的文本"
        " | training did not make the model better: its weights are those of before; lower the"
        " rates in train.optimizer, or take more text"
    )


def tell_resumed(step: int, steps: int) -> None:
    print(f"从第 {step}/{steps} 步继续训练 | training goes on from step {step} of {steps}")
