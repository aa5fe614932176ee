"""Training that goes on from a given model: GPT-2 or another family, refused where it cannot."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
)

from conftest import Outputs
from xuxie.errors import ExitCode, Refusal
from xuxie.model.directory import load_model, load_tokenizer, save
from xuxie.store.directories import whole_directory
from xuxie.store.manifest import verify

Train = Callable[..., Path]
FINETUNE = (
    "experiment=finetune",
    "train.precision=fp32",
    "train.epochs=1",
    "train.validations=2",
)


def kept(model: PreTrainedModel, outputs: Outputs, folder: Path) -> Path:
    """The model beside the pipeline's tokenizer, as `fetch` writes it."""
    with whole_directory(folder) as scratch:
        save(model, load_tokenizer(outputs.tokenizer), scratch)
    return folder


@pytest.fixture
def base(outputs: Outputs, tmp_path: Path) -> Path:
    with whole_directory(tmp_path / "base") as folder:
        shutil.copytree(outputs.model, folder, dirs_exist_ok=True)
    return tmp_path / "base"


def validations(folder: Path) -> list[float]:
    with (folder / "loss.csv").open() as file:
        return [float(row["val"]) for row in csv.DictReader(file)]


def test_it_begins_where_the_base_left_off(train: Train, base: Path, outputs: Outputs) -> None:
    reached = json.loads((outputs.folder / "train.json").read_text())["val"]["bits_per_character"]
    tuned = validations(train(*FINETUNE, pretrained=base))
    scratch = validations(train(*FINETUNE, "model=tiny"))
    assert tuned[0] == pytest.approx(reached, abs=0.05)
    assert tuned[-1] <= tuned[0]
    assert scratch[-1] > reached + 0.5


def test_the_base_decides_the_shape(train: Train, base: Path) -> None:
    made = load_model(train(*FINETUNE, pretrained=base) / "model")
    assert (made.config.n_layer, made.config.n_embd, made.config.n_positions) == (2, 64, 128)


def test_dropout_is_the_configured_one(train: Train, base: Path) -> None:
    without, again, dropping = (
        validations(train(*FINETUNE, f"model.dropout={share}", pretrained=base))
        for share in (0.0, 0.0, 0.5)
    )
    assert without == again
    assert dropping != without


def test_another_family_trains_too(train: Train, outputs: Outputs, tmp_path: Path) -> None:
    torch.manual_seed(1)
    shape = LlamaConfig(
        vocab_size=len(load_tokenizer(outputs.tokenizer)),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=128,
    )
    given = kept(LlamaForCausalLM(shape), outputs, tmp_path / "llama")
    rates = [f"train.optimizer.{name}=0.003" for name in ("matrix_rate", "embedding_rate", "rate")]
    folder = train(*FINETUNE, *rates, pretrained=given)
    bits = validations(folder)
    assert bits[-1] < bits[0]
    verify(folder / "model")
    assert isinstance(AutoModelForCausalLM.from_pretrained(folder / "model"), LlamaForCausalLM)


def test_a_tokenizer_larger_than_the_model_is_refused(
    train: Train, outputs: Outputs, tmp_path: Path
) -> None:
    shape = GPT2Config(vocab_size=100, n_positions=32, n_embd=8, n_layer=1, n_head=1)
    given = kept(GPT2LMHeadModel(shape), outputs, tmp_path / "small")
    with pytest.raises(Refusal, match="tokenizer=pretrained") as refusal:
        train(*FINETUNE, pretrained=given)
    assert refusal.value.code is ExitCode.DATA


def test_without_a_given_model_it_is_refused(train: Train) -> None:
    with pytest.raises(Refusal, match=r"fetch\.pretrained\.kind"):
        train(*FINETUNE)


@pytest.mark.parametrize("validations", [1, 1000])
def test_divergence_is_refused_and_writes_nothing(
    train: Train, outputs: Outputs, tmp_path: Path, validations: int
) -> None:
    """Weights whose first step is finite and overflows: seen at the next step, or in validation."""
    model = load_model(outputs.model)
    with torch.no_grad():
        model.transformer.wte.weight.mul_(1e-18)
        model.transformer.h[0].attn.c_attn.weight.mul_(1e18)
    given = kept(model, outputs, tmp_path / "fragile")
    with pytest.raises(Refusal, match=r"train\.optimizer") as refusal:
        train(*FINETUNE, f"train.validations={validations}", pretrained=given, folder=tmp_path)
    assert refusal.value.code is ExitCode.DIVERGED
    assert not {"model", "train.json", "loss.csv"} & {path.name for path in tmp_path.iterdir()}
