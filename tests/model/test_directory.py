"""Model directories: saved and loaded unchanged, refused when damaged or incomplete."""

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BloomConfig, BloomForCausalLM, PreTrainedModel

from conftest import Outputs
from xuxie.errors import ExitCode, Refusal
from xuxie.model.directory import context_of, load_model, load_tokenizer, save
from xuxie.store.directories import whole_directory
from xuxie.store.manifest import COMPLETE, seal

WEIGHTS = "model.safetensors"


@pytest.fixture
def copied(outputs: Outputs, tmp_path: Path) -> Path:
    return shutil.copytree(outputs.model, tmp_path / "model")


@pytest.fixture(scope="module")
def model(outputs: Outputs) -> PreTrainedModel:
    return load_model(outputs.model)


def test_saved_weights_come_back(outputs: Outputs, model: PreTrainedModel, tmp_path: Path) -> None:
    with whole_directory(tmp_path / "again") as folder:
        save(model, load_tokenizer(outputs.tokenizer), folder)
    again = load_model(tmp_path / "again").state_dict()
    assert again.keys() == model.state_dict().keys()
    assert all(torch.equal(again[name], weight) for name, weight in model.state_dict().items())


def test_the_saved_tokenizer_comes_back(outputs: Outputs) -> None:
    kept, given = load_tokenizer(outputs.model), load_tokenizer(outputs.tokenizer)
    assert kept.get_vocab() == given.get_vocab()
    assert kept.eos_token_id == given.eos_token_id


def test_a_loaded_model_is_ready_to_score_in_fp32(model: PreTrainedModel) -> None:
    assert not model.training
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}


def test_half_precision_weights_are_loaded_in_fp32(copied: Path) -> None:
    load_model(copied).bfloat16().save_pretrained(copied)
    seal(copied)
    assert {weight.dtype for weight in load_model(copied).parameters()} == {torch.float32}


@pytest.mark.parametrize("name", [WEIGHTS, "config.json", "tokenizer.json"])
def test_one_changed_byte_is_refused_by_name(copied: Path, name: str) -> None:
    data = bytearray((copied / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copied / name).write_bytes(data)
    with pytest.raises(Refusal, match=name) as refusal:
        load_model(copied)
    assert refusal.value.code is ExitCode.DATA


def test_an_unfinished_directory_is_refused(copied: Path) -> None:
    (copied / COMPLETE).unlink()
    with pytest.raises(Refusal, match=COMPLETE):
        load_model(copied)


def test_an_unsealed_directory_loads_where_that_is_asked(copied: Path) -> None:
    (copied / COMPLETE).unlink()
    assert load_model(copied, checked=False).config.model_type == "gpt2"


def test_a_directory_without_a_model_is_refused(outputs: Outputs) -> None:
    with pytest.raises(Refusal, match=r"fetch\.pretrained\.kind") as refusal:
        load_model(outputs.pretrained)
    assert refusal.value.code is ExitCode.DATA


def test_a_missing_tensor_is_refused_by_name(copied: Path) -> None:
    weights = load_file(copied / WEIGHTS)
    del weights["transformer.h.1.mlp.c_fc.weight"]
    save_file(weights, copied / WEIGHTS, {"format": "pt"})
    seal(copied)
    with pytest.raises(Refusal, match=r"h\.1\.mlp\.c_fc\.weight") as refusal:
        load_model(copied)
    assert refusal.value.code is ExitCode.DATA


@pytest.mark.parametrize(("wanted", "expected"), [(None, 128), (64, 64), (128, 128), (4096, 128)])
def test_the_context_is_what_the_model_allows_at_most_what_is_wanted(
    model: PreTrainedModel, wanted: int | None, expected: int
) -> None:
    assert context_of(model, wanted) == expected


@pytest.mark.parametrize(("wanted", "expected"), [(None, 1024), (2048, 2048)])
def test_a_model_without_a_limit_has_the_wanted_context(wanted: int | None, expected: int) -> None:
    limitless = BloomForCausalLM(BloomConfig(vocab_size=20, hidden_size=8, n_layer=1, n_head=1))
    assert context_of(limitless, wanted) == expected
