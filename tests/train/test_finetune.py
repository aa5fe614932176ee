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
    PreTrainedConfig,
    PreTrainedModel,
    Qwen2Config,
    Qwen3Config,
)

from conftest import Outputs, Settings
from xuxie.errors import ExitCode, Refusal
from xuxie.model.directory import load_model, load_tokenizer, save
from xuxie.store.directories import whole_directory
from xuxie.store.manifest import verify
from xuxie.store.records import read_documents
from xuxie.tokenizer.extend import extend
from xuxie.train.module import boundaries
from xuxie.train.optimizer import optimizer
from xuxie.train.start import start

Train = Callable[..., Path]
FINETUNE = (
    "experiment=finetune",
    "train.precision=fp32",
    "train.epochs=1",
    "train.validations=2",
)


RATES = [f"train.optimizer.{name}=0.003" for name in ("matrix_rate", "embedding_rate", "rate")]
CONTEXT = 128


def family(name: str, vocabulary: int) -> PreTrainedModel:
    """A tiny model with fresh weights, as a family's own configuration makes it."""
    shape: dict[str, int] = {
        "vocab_size": vocabulary,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": CONTEXT,
        "bos_token_id": 0,
        "eos_token_id": 0,
    }
    grouped = shape | {"intermediate_size": 64, "num_key_value_heads": 1}
    config: PreTrainedConfig = {
        "gpt2": lambda: GPT2Config(**shape),
        "llama": lambda: LlamaConfig(**grouped),
        "qwen2": lambda: Qwen2Config(**grouped),
        "qwen3": lambda: Qwen3Config(**grouped, head_dim=16),
    }[name]()
    torch.manual_seed(1)
    return AutoModelForCausalLM.from_config(config)


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


@pytest.mark.parametrize("name", ["llama", "qwen2", "qwen3"])
def test_another_family_trains_too(
    train: Train, outputs: Outputs, tmp_path: Path, name: str
) -> None:
    model = family(name, len(load_tokenizer(outputs.tokenizer)))
    folder = train(*FINETUNE, *RATES, pretrained=kept(model, outputs, tmp_path / name))
    bits = validations(folder)
    assert bits[-1] < bits[0]
    verify(folder / "model")
    made = AutoModelForCausalLM.from_pretrained(folder / "model")
    assert type(made) is type(model)
    words = load_tokenizer(outputs.tokenizer)
    assert load_tokenizer(folder / "model").get_vocab() == words.get_vocab()


@pytest.mark.parametrize("name", ["gpt2", "llama", "qwen2", "qwen3"])
def test_a_document_in_a_packed_window_has_the_logits_it_has_alone(name: str) -> None:
    model, sizes = family(name, 50).eval(), [9, 1, 30, 24]
    with torch.no_grad():
        for weight in model.parameters():
            torch.nn.init.normal_(weight, std=0.4)
        tokens = torch.randint(50, (1, sum(sizes)))
        groups = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
        mask, positions = boundaries(groups[None])
        packed = model(tokens, attention_mask=mask, position_ids=positions).logits[0]
        alone = [model(piece).logits[0] for piece in tokens.split(sizes, dim=1)]
    torch.testing.assert_close(packed, torch.cat(alone), atol=1e-4, rtol=1e-4)
    assert not torch.allclose(packed[9:], model(tokens).logits[0, 9:], atol=0.1)


def test_lora_learns_and_leaves_an_ordinary_model(
    train: Train, outputs: Outputs, tmp_path: Path
) -> None:
    model = family("llama", len(load_tokenizer(outputs.tokenizer)))
    given = kept(model, outputs, tmp_path / "llama")
    folder = train(*FINETUNE, *RATES, "model/adapt=lora", pretrained=given)
    bits = validations(folder)
    assert bits[-1] < bits[0]
    before, after = model.state_dict(), load_model(folder / "model").state_dict()
    assert after.keys() == before.keys()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {name for name in before if "_proj" in name}


def test_frozen_weights_stay_bit_for_bit_and_get_no_state(
    train: Train, base: Path, settings: Settings
) -> None:
    frozen = "model.adapt.frozen_layers=1"
    after = load_model(train(*FINETUNE, frozen, pretrained=base) / "model").state_dict()
    before = load_model(base).state_dict()
    same = {name for name in before if torch.equal(before[name], after[name])}
    assert same == {n for n in before if ".wte." in n or ".wpe." in n or ".h.0." in n} | {
        "lm_head.weight"
    }
    chosen = settings("experiment=finetune", frozen)
    model = start(chosen.model, base, load_tokenizer(base), seed=1)
    groups = optimizer(model, chosen.train.optimizer, dtype=torch.float32).param_groups
    held = {id(weight) for group in groups for weight in group["params"]}
    assert held == {id(weight) for weight in model.parameters() if weight.requires_grad}


def test_an_extended_tokenizers_new_rows_begin_as_their_pieces(
    base: Path, outputs: Outputs, settings: Settings
) -> None:
    words, shape = load_tokenizer(base), settings("experiment=finetune").model
    texts = (document.text for document in read_documents(outputs.splits / "train.parquet"))
    more = extend(words, texts, added=20, min_frequency=2)
    before = start(shape, base, words, seed=1).get_input_embeddings().weight
    after = start(shape, base, more, seed=1).get_input_embeddings().weight
    assert len(after) == len(more) == len(words) + 20
    assert torch.equal(after[: len(words)], before)
    [token] = more.encode(more.decode([len(words)]))
    assert token == len(words)
    torch.testing.assert_close(after[token], before[words.encode(more.decode([token]))].mean(0))


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
