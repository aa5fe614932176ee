"""One training by Lightning: from a model and its windows to the best weights it reached."""

import logging
import shutil
import warnings
from pathlib import Path

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint

from xuxie.train.curves import Curves
from xuxie.train.data import WindowData
from xuxie.train.module import LanguageModel
from xuxie.train.precision import Precision
from xuxie.train.settings import TrainSettings

MONITORED = "val/bits_per_character"
BEST = "best"


def fit(
    module: LanguageModel,
    data: WindowData,
    curves: Curves,
    settings: TrainSettings,
    *,
    interval: int,
    precision: Precision,
    scratch: Path,
) -> None:
    """Train `module` and leave it with the weights of its best validation.

    Args:
        interval: steps between validations.
        scratch: folder for the best checkpoint; it is removed afterwards.
    """
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    checkpoint = ModelCheckpoint(
        scratch,
        filename=BEST,
        monitor=MONITORED,
        save_weights_only=True,
        enable_version_counter=False,
    )
    patience = EarlyStopping(MONITORED, patience=settings.patience, mode="min")
    trainer = pl.Trainer(
        accelerator="auto",
        devices=1,
        precision="bf16-mixed" if precision == "bf16" else "32-true",
        max_steps=module.steps,
        accumulate_grad_batches=settings.accumulate,
        gradient_clip_val=settings.optimizer.clip,
        val_check_interval=interval * settings.accumulate,
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        deterministic=True,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=scratch,
        callbacks=[curves, checkpoint, patience],
    )
    try:
        train(trainer, module, data)
        weights = torch.load(checkpoint.best_model_path, weights_only=True)["state_dict"]
        module.load_state_dict(weights)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def train(trainer: pl.Trainer, module: LanguageModel, data: WindowData) -> None:
    with warnings.catch_warnings():
        # The windows come from memory maps: a second process would only copy them.
        warnings.filterwarnings("ignore", message=".*does not have many workers.*")
        # Lightning 2.6 asks torch 2.13 in an old way.
        warnings.filterwarnings("ignore", module=r"pytorch_lightning\.utilities\._pytree")
        trainer.fit(module, data)
