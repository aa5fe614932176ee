"""The stage: the same bytes every time, the best weights, and a directory any tool loads."""

import contextlib
import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook
from transformers import AutoModelForCausalLM

from conftest import Outputs, Settings
from xuxie.errors import ExitCode, Refusal
from xuxie.model.directory import load_model, load_tokenizer
from xuxie.store.manifest import sha256_of, verify
from xuxie.tokenizer.encode import boundary
from xuxie.tokenizer.tokens import open_tokens
from xuxie.train.checkpoints import Checkpoints
from xuxie.train.data import Batch
from xuxie.train.module import LanguageModel
from xuxie.train.training import Training, assemble

Train = Callable[..., Path]
SHORT = ("train.epochs=1", "train.precision=fp32")
FIERCE = (
    "train.optimizer.matrix_rate=0.1",
    "train.optimizer.embedding_rate=0.1",
    "train.optimizer.rate=0.1",
)


def curve(folder: Path) -> dict[str, list[float]]:
    with (folder / "loss.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {name: [float(row[name]) for row in rows] for name in ("tokens", "train", "val")}


def best(folder: Path) -> float:
    return float(json.loads((folder / "train.json").read_text())["val"]["bits_per_character"])


def assembled(outputs: Outputs, settings: Settings, model: Path) -> Training:
    chosen = settings("experiment=smoke", "train.precision=fp32")
    return assemble(
        chosen.train,
        chosen.model,
        load_model(model),
        train=open_tokens(outputs.tokens, "train"),
        validation=open_tokens(outputs.tokens, "val"),
        boundary=boundary(load_tokenizer(outputs.tokenizer)),
    )


@torch.inference_mode()
def validated(training: Training, outputs: Outputs) -> float:
    """Bits per character of the text of every validation window, without Lightning."""
    module, split = training.module, open_tokens(outputs.tokens, "val")
    losses, targets = map(
        torch.cat, zip(*map(module.losses, training.data.val_dataloader()), strict=True)
    )
    nats_per_token = losses[targets != module.boundary].double().mean().item()
    tokens = len(split.tokens) - len(split.order)
    return nats_per_token * tokens / split.characters / torch.log(torch.tensor(2.0)).item()


def test_the_same_training_gives_the_same_bytes(train: Train) -> None:
    one, other = (train(*SHORT, "model.dropout=0.1") for _ in range(2))
    assert sha256_of(one / "model/model.safetensors") == sha256_of(
        other / "model/model.safetensors"
    )
    assert (one / "train.json").read_bytes() == (other / "train.json").read_bytes()
    assert (one / "loss.csv").read_bytes() == (other / "loss.csv").read_bytes()


def test_another_seed_gives_other_weights(train: Train) -> None:
    one, other = (train(*SHORT, f"train.seed={seed}") for seed in (1, 2))
    assert sha256_of(one / "model/model.safetensors") != sha256_of(
        other / "model/model.safetensors"
    )


def test_training_learns(outputs: Outputs) -> None:
    bits = curve(outputs.folder)["val"]
    assert bits == sorted(bits, reverse=True)
    assert bits[-1] < 2.0


@contextlib.contextmanager
def gradients() -> Iterator[list[list[torch.Tensor]]]:
    """Of every parameter, as each step of an optimizer has used them."""
    seen: list[list[torch.Tensor]] = []

    def keep(optimizer: torch.optim.Optimizer, *_: Any) -> None:
        groups = [group["params"] for group in optimizer.param_groups]
        seen.append([p.grad.clone() for params in groups for p in params if p.grad is not None])

    hook = register_optimizer_step_post_hook(keep)
    try:
        yield seen
    finally:
        hook.remove()


@pytest.mark.parametrize("kind", ["muon", "adamw"])
def test_accumulated_batches_equal_one_large_batch(train: Train, kind: str) -> None:
    """In gradients, not weights: AdamW blows what is zero but for rounding up to its rate, in the
    bias of the keys everywhere, in single numbers of others on some processors."""
    folders, steps = [], []
    for batch, accumulate in ((4, 1), (2, 2)):
        with gradients() as seen:
            folders.append(
                train(
                    "train.epochs=0.3",
                    "train.precision=fp32",
                    "train.optimizer.matrix_rate=0.001",
                    f"train.optimizer.kind={kind}",
                    f"train.batch={batch}",
                    f"train.accumulate={accumulate}",
                )
            )
        steps.append(seen)
    assert len(steps[0]) == len(steps[1]) > 0
    for number, (ones, others) in enumerate(zip(*steps, strict=True)):
        assert len(ones) == len(others) > 0
        for one, other in zip(ones, others, strict=True):
            # Measured: 2e-5 at most, as later steps start from what was blown up.
            assert (one - other).norm() <= 1e-4 * one.norm(), (number, one.shape)
    one_curve, other_curve = map(curve, folders)
    assert one_curve["tokens"] == other_curve["tokens"]
    assert one_curve["train"] == pytest.approx(other_curve["train"], abs=1e-4)


def test_training_stops_early_and_keeps_the_best_weights(
    train: Train, outputs: Outputs, settings: Settings
) -> None:
    folder = train(
        *FIERCE,
        "train.precision=fp32",
        "train.batch=1",
        "train.validations=1000",
        "train.patience=2",
    )
    bits = curve(folder)["val"]
    assert len(bits) == bits.index(min(bits)) + 3
    assert best(folder) == min(bits)
    training = assembled(outputs, settings, folder / "model")
    assert validated(training, outputs) == pytest.approx(min(bits), rel=1e-4)


def test_the_metric_is_the_bits_of_the_validation_text(
    train: Train, outputs: Outputs, settings: Settings
) -> None:
    folder = train(*SHORT)
    training = assembled(outputs, settings, folder / "model")
    assert validated(training, outputs) == pytest.approx(best(folder), rel=1e-4)


def test_the_curve_counts_the_tokens_up_to_the_last_step(train: Train) -> None:
    folder = train(*SHORT, "train.validations=2")
    facts = json.loads((folder / "train.json").read_text())
    tokens = curve(folder)["tokens"]
    assert tokens == [facts["tokens"] / 2, facts["tokens"]]
    assert facts["tokens"] == facts["steps"] * 16 * 128


def test_the_directory_is_sealed_and_says_how_it_was_made(outputs: Outputs) -> None:
    verify(outputs.model)
    assert {"COMPLETE", "manifest.json"} <= {path.name for path in outputs.model.iterdir()}
    record = json.loads((outputs.model / "training.json").read_text())
    assert record["params"]["train.seed"] == outputs.config.train.seed
    assert record["params"]["architecture"] == "GPT2LMHeadModel"
    assert record["made_with"]["numerics.threads"] == outputs.config.train.threads


def test_stock_transformers_computes_the_same_logits(outputs: Outputs) -> None:
    tokens = torch.arange(20)[None]
    stock = AutoModelForCausalLM.from_pretrained(outputs.model).eval()
    with torch.inference_mode():
        assert torch.equal(stock(tokens).logits, load_model(outputs.model)(tokens).logits)


def test_no_checkpoint_is_left_behind(train: Train) -> None:
    left = [path for path in (train(*SHORT) / "runs").rglob("*") if path.is_file()]
    assert [path.name for path in left] == ["train.lock"]


def test_a_training_that_diverges_stops_and_keeps_what_was_good(
    train: Train, tmp_path: Path
) -> None:
    wild = [rate.replace("0.1", "1.0") for rate in FIERCE]
    with pytest.raises(Refusal, match="diverged at step") as refusal:
        train(*wild, "train.batch=1", "train.checkpoint_seconds=0", folder=tmp_path)
    assert refusal.value.code is ExitCode.DIVERGED
    assert not (tmp_path / "model").exists()
    [training] = (tmp_path / "runs/train").iterdir()
    state = Checkpoints(training).newest()
    assert state is not None
    assert all(torch.isfinite(weight).all() for weight in state["model"].values())


def test_a_loss_that_is_no_number_stops_before_the_weights_are_touched(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = LanguageModel.hidden

    def poisoned(module: LanguageModel, batch: Batch) -> torch.Tensor:
        states = hidden(module, batch)
        return states * torch.nan if module.trainer.global_step == 5 else states

    monkeypatch.setattr(LanguageModel, "hidden", poisoned)
    with pytest.raises(Refusal, match="diverged at step 5"):
        train("train.batch=1", "train.checkpoint_seconds=0", folder=tmp_path)
    [training] = (tmp_path / "runs/train").iterdir()
    state = Checkpoints(training).newest()
    assert state is not None
    assert state["step"] == 5
    assert all(torch.isfinite(weight).all() for weight in state["model"].values())


def test_too_short_a_corpus_is_refused(train: Train) -> None:
    with pytest.raises(Refusal, match=r"model\.context") as refusal:
        train("model.context=60000")
    assert refusal.value.code is ExitCode.DATA
