"""Train the configured model on the tokens, and write it as a sealed transformers directory."""

import hashlib
import os
import shutil
from contextlib import nullcontext
from dataclasses import astuple
from pathlib import Path
from typing import Any

import torch
from pytorch_lightning.utilities import rank_zero_only
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xuxie.errors import bad_data, bad_parameters
from xuxie.model.architecture import build
from xuxie.model.directory import load_model, load_tokenizer, save
from xuxie.model.memory import keep_freed_memory
from xuxie.model.settings import ModelSettings
from xuxie.store.directories import whole_directory
from xuxie.store.files import write_csv, write_json
from xuxie.store.lock import held
from xuxie.store.manifest import fingerprint_of
from xuxie.tokenizer.encode import boundary
from xuxie.tokenizer.tokens import open_tokens
from xuxie.track.lineage import data_figures, flat, lineage
from xuxie.track.run import Run, training_run
from xuxie.track.settings import TrackSettings
from xuxie.train.checkpoints import Checkpoints, check_room
from xuxie.train.curves import Curves
from xuxie.train.fit import fit
from xuxie.train.identity import identity, own_folder
from xuxie.train.settings import TrainSettings
from xuxie.train.training import Training, assemble

LOCK = Path("runs/train.lock")
TRAININGS = Path("runs/train")
# The code that computes weights.
ROOMS = [Path(__file__).parent, Path(__file__).parents[1] / "model"]


def run(
    settings: TrainSettings,
    shape: ModelSettings,
    tracking: TrackSettings,
    *,
    tokens: Path,
    tokenizer: Path,
    pretrained: Path,
    out: Path,
    metrics: Path,
    curves: Path,
) -> None:
    torch.set_num_threads(settings.threads)
    keep_freed_memory()
    check_processes(settings)
    words = load_tokenizer(tokenizer)
    first = rank_zero_only.rank == 0
    with held(LOCK) if first else nullcontext():
        training = assemble(
            settings,
            shape,
            start(shape, pretrained, words, settings.seed),
            train=open_tokens(tokens, "train"),
            validation=open_tokens(tokens, "val"),
            boundary=boundary(words),
        )
        params = flat("model", shape.model_dump()) | flat("train", settings.model_dump())
        params |= training.facts()
        tags = flat("numerics", training.profile) | {"data.tokens": fingerprint_of(tokens)}
        key = identity_of(params, tags, [tokenizer, pretrained])
        checkpoints = Checkpoints(own_folder(TRAININGS, key))
        if not first:
            teach(training, settings, Run(None), checkpoints)
            return
        with training_run(
            tracking,
            name=name(shape, params, tags),
            params=params,
            tags=tags | lineage(),
            key=key,
        ) as tracked:
            tell_data(tracked)
            seen = teach(training, settings, tracked, checkpoints)
            with whole_directory(out) as folder:
                save(training.module.model, words, folder)
                write_json(folder / "training.json", {"params": params, "made_with": tags})
            write_csv(curves, ("tokens", "train", "val"), [astuple(p) for p in seen.points])
            write_json(metrics, training.facts() | {"val": seen.scores()})
            tracked.metrics({"val/best_bits_per_character": seen.best()})
            tracked.tags({"xuxie.fingerprint": fingerprint_of(out)})
            tracked.model(out)
        shutil.rmtree(checkpoints.folder, ignore_errors=True)


def identity_of(params: dict[str, Any], tags: dict[str, str], inputs: list[Path]) -> str:
    """Of this training; how often it is checkpointed changes nothing about it."""
    asked = {key: value for key, value in params.items() if key != "train.checkpoint_seconds"}
    sealed = [fingerprint_of(path) for path in inputs]
    return identity({"params": asked, "tags": tags, "inputs": sealed}, ROOMS)


def check_processes(settings: TrainSettings) -> None:
    """
    Raises:
        Refusal: a launcher started another number of processes than is configured.
    """
    found, wanted = int(os.environ.get("WORLD_SIZE", 0)), settings.devices * settings.num_nodes
    if found and found != wanted:
        raise bad_parameters(
            f"启动了 {found} 个进程，而 train.devices × train.num_nodes = {wanted}",
            f"{found} processes were started and train.devices x train.num_nodes = {wanted}",
        )


def tell_data(tracked: Run) -> None:
    """What was cleaned and split on the way here, beside the model that came of it."""
    tracked.metrics(data_figures(Path("metrics")))
    for report in sorted(Path("reports").glob("*.html")):
        if report.stem in {"clean", "split"}:
            tracked.artifact(report, "report")


def start(
    shape: ModelSettings, pretrained: Path, words: PreTrainedTokenizerBase, seed: int
) -> PreTrainedModel:
    """The model training begins with: fresh weights, or those that fetch brought."""
    if shape.start == "scratch":
        return build(shape, vocabulary=len(words), boundary=boundary(words), seed=seed)
    torch.manual_seed(seed)
    model = load_model(pretrained).train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = shape.dropout
    if len(words) > model.config.vocab_size:
        raise bad_data(
            f"分词器有 {len(words)} 个词元，预训练模型只有 {model.config.vocab_size} 个；"
            "请设 tokenizer=pretrained",
            f"the tokenizer has {len(words)} tokens, the pretrained model"
            f" {model.config.vocab_size}; set tokenizer=pretrained",
        )
    return model


def teach(
    training: Training, settings: TrainSettings, tracked: Run, checkpoints: Checkpoints
) -> Curves:
    """Train, leaving the best weights in `training.module`; return what was seen on the way."""
    facts = training.facts()
    check_room(checkpoints.folder, 4 * facts["parameters"])
    if rank_zero_only.rank == 0:
        print(
            f"训练 {facts['parameters']:,} 个参数，{training.steps:,} 步，{training.precision}"
            f" | training {facts['parameters']:,} parameters for {training.steps:,} steps"
        )
    curves = Curves(
        tracked,
        steps=training.steps,
        tokens_per_step=training.tokens_per_step,
        bits_per_nat=training.bits_per_nat,
    )
    fit(training, curves, settings, checkpoints)
    return curves


def name(shape: ModelSettings, params: dict[str, Any], tags: dict[str, str]) -> str:
    """The experiment's name under `dvc exp run`; else the preset and a hash of what was asked."""
    asked = hashlib.sha256(repr([params, tags]).encode()).hexdigest()[:8]
    return os.environ.get("DVC_EXP_NAME") or f"{shape.preset}-{asked}"
