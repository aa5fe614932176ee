"""Train the configured model on the tokens, and write it as a sealed transformers directory."""

import os
import shutil
from contextlib import nullcontext
from dataclasses import astuple
from pathlib import Path
from typing import Any

import torch
from pytorch_lightning.utilities import rank_zero_only
from transformers import PreTrainedTokenizerBase

from xuxie.model.adapt import merged
from xuxie.model.directory import context_of, load_tokenizer, save
from xuxie.model.memory import keep_freed_memory
from xuxie.model.settings import ModelSettings
from xuxie.store.directories import whole_directory
from xuxie.store.files import write_csv, write_json
from xuxie.store.lock import held
from xuxie.store.manifest import fingerprint_of
from xuxie.tokenizer.encode import boundary
from xuxie.tokenizer.tokens import open_tokens
from xuxie.track.described import NOTE, run_note
from xuxie.track.lineage import changed_settings, data_figures, data_hashes, flat, lineage
from xuxie.track.record import record
from xuxie.track.run import Run, training_run
from xuxie.track.settings import TrackSettings
from xuxie.train import processes
from xuxie.train.checkpoints import Checkpoints, check_room
from xuxie.train.curves import Curves
from xuxie.train.embeddings import begin_from_neighbours
from xuxie.train.fingerprint import fingerprint
from xuxie.train.fit import fit
from xuxie.train.identity import identity, own_folder
from xuxie.train.memory import within_budget
from xuxie.train.settings import TrainSettings
from xuxie.train.start import start
from xuxie.train.training import Training, assemble

LOCK = Path("runs/train.lock")
TRAININGS = Path("runs/train")
# What MLflow shows as datasets of the run; the hashes of the rest are tags.
DATA = {"data/tokens": "training", "data/splits": "origin", "data/raw": "origin"}
# The code that computes weights.
ROOMS = [Path(__file__).parents[1] / room for room in ("train", "model", "tokenizer")]


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
    processes.check(settings)
    words = load_tokenizer(tokenizer)
    first = rank_zero_only.rank == 0
    with held(LOCK) if first else nullcontext():
        training, settings = prepared(settings, shape, words, tokens, pretrained)
        made = record_of(training, settings, shape, tokens)
        key = identity_of(made, [tokenizer, pretrained])
        checkpoints = Checkpoints(own_folder(TRAININGS, key))
        if not first:
            teach(training, settings, Run(None), checkpoints)
            return
        params = made["params"] | data_figures(Path("metrics"))
        tags = dict(made["made_with"])
        tags |= lineage() | described(params)
        gpus = settings.devices * settings.num_nodes if training.profile["device"] != "cpu" else 0
        with training_run(
            tracking, name=name(shape, params, key), params=params, tags=tags, key=key, gpus=gpus
        ) as tracked:
            tell_data(tracked)
            seen = teach(training, settings, tracked, checkpoints)
            with whole_directory(out) as folder:
                save(merged(training.module.model), words, folder)
                write_json(folder / "training.json", made)
            write_csv(curves, ("tokens", "train", "val"), [astuple(p) for p in seen.points])
            write_json(metrics, training.facts() | {"val": seen.scores()})
            tell_model(tracked, seen, out)
            record(tracked, [out / "config.json", out / "training.json"])
        shutil.rmtree(checkpoints.folder, ignore_errors=True)


def prepared(
    settings: TrainSettings,
    shape: ModelSettings,
    words: PreTrainedTokenizerBase,
    tokens: Path,
    pretrained: Path,
) -> tuple[Training, TrainSettings]:
    """The training before its first step, and the settings that the memory budget leaves."""
    train, validation = open_tokens(tokens, "train"), open_tokens(tokens, "val")
    model = start(shape, pretrained, words, settings.seed)
    if (shape.start, shape.embeddings) == ("scratch", "neighbours"):
        begin_from_neighbours(model, train, settings.seed)
    settings = within_budget(settings, model, context_of(model, shape.context))
    end = boundary(words)
    return (
        assemble(settings, shape, model, train=train, validation=validation, boundary=end),
        settings,
    )


def record_of(
    training: Training, settings: TrainSettings, shape: ModelSettings, tokens: Path
) -> dict[str, dict[str, Any]]:
    """What was asked for, and with what it was made: kept beside the weights and in MLflow."""
    params = flat("model", shape.model_dump()) | flat("train", settings.model_dump())
    config = training.module.model.config
    proof = fingerprint(config, settings.optimizer, training.precision, shape.context)
    tags = flat("numerics", training.profile | {"fingerprint": proof})
    tags |= {"data.tokens": fingerprint_of(tokens)}
    return {"params": params | training.facts(), "made_with": tags}


def identity_of(made: dict[str, dict[str, Any]], inputs: list[Path]) -> str:
    """Of this training; how often it is checkpointed changes nothing about it."""
    asked = {k: v for k, v in made["params"].items() if k != "train.checkpoint_seconds"}
    sealed = [fingerprint_of(path) for path in inputs]
    return identity(made | {"params": asked, "inputs": sealed}, ROOMS)


def described(params: dict[str, Any]) -> dict[str, str]:
    """For the eyes of who looks at the run in MLflow."""
    changed = changed_settings(Path("params.yaml"))
    tags = {"xuxie.changed": ", ".join(changed)} if changed else {}
    return tags | {NOTE: run_note(params, changed)}


def tell_data(tracked: Run) -> None:
    """What was cleaned and split on the way here, beside the model that came of it."""
    hashes, figures = data_hashes(Path("dvc.lock")), data_figures(Path("metrics"))
    for name, context in DATA.items():
        if digest := hashes.get(f"dvc.{name}"):
            tracked.dataset(name, digest, context, figures)
    for room in ("clean", "split"):
        for path in (Path(f"reports/{room}.html"), Path(f"metrics/{room}.json")):
            if path.exists():
                tracked.artifact(path, "data")


def tell_model(tracked: Run, seen: Curves, out: Path) -> None:
    tracked.metrics({"best/val_bits_per_character": seen.best()})
    tracked.tags({"xuxie.fingerprint": fingerprint_of(out)})
    tracked.model(out)


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


def name(shape: ModelSettings, params: dict[str, Any], key: str) -> str:
    """The experiment's name under `dvc exp run`; else such as `small-8k-seed1 · 3f2a`."""
    words = f"{shape.preset}-{params['vocabulary'] / 1000:.3g}k-seed{params['train.seed']}"
    return os.environ.get("DVC_EXP_NAME") or f"{words} · {key[:4]}"
