"""Which weights learn, and that LoRA's products end in plain weights."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    LlamaConfig,
    PreTrainedConfig,
    PreTrainedModel,
    Qwen2Config,
    Qwen3Config,
    set_seed,
)

from conftest import Settings
from xuxie.errors import ExitCode, Refusal
from xuxie.model.adapt import adapted, merged
from xuxie.model.settings import Adapt

TOKENS = torch.arange(24)[None]
BLOCKS = 3
SHAPE = {
    "vocab_size": 50,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": BLOCKS,
    "num_attention_heads": 2,
    "bos_token_id": 0,
    "eos_token_id": 0,
}
FAMILIES: dict[str, PreTrainedConfig] = {
    "gpt2": GPT2Config(
        vocab_size=50, n_embd=32, n_layer=BLOCKS, n_head=2, bos_token_id=0, eos_token_id=0
    ),
    "llama": LlamaConfig(**SHAPE, tie_word_embeddings=True),
    "qwen2": Qwen2Config(**SHAPE, num_key_value_heads=1),
    "qwen3": Qwen3Config(**SHAPE, num_key_value_heads=1, head_dim=16),
}


@pytest.fixture(params=FAMILIES)
def model(request: pytest.FixtureRequest) -> PreTrainedModel:
    set_seed(1)
    return AutoModelForCausalLM.from_config(FAMILIES[request.param]).eval()


@pytest.fixture
def adapt(settings: Settings) -> Callable[..., Adapt]:
    """Settings of a kind, under overrides of its keys."""

    def chosen(kind: str, *overrides: str) -> Adapt:
        keys = [f"model.adapt.{override}" for override in overrides]
        return settings("model=pretrained", f"model/adapt={kind}", *keys).model.adapt

    return chosen


def learning(model: PreTrainedModel) -> set[str]:
    return {name for name, weight in model.named_parameters() if weight.requires_grad}


def block_of(name: str) -> int | None:
    return next((int(part) for part in name.split(".") if part.isdigit()), None)


def logits(model: PreTrainedModel) -> torch.Tensor:
    with torch.inference_mode():
        found: torch.Tensor = model.eval()(TOKENS).logits
    return found


def trained(model: PreTrainedModel) -> PreTrainedModel:
    """As after some steps: LoRA's second matrices are no longer zero."""
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.3)
    return model


def test_full_trains_every_weight_and_nothing_else(
    model: PreTrainedModel, adapt: Callable[..., Adapt]
) -> None:
    names = {name for name, _ in model.named_parameters()}
    assert learning(adapted(model, adapt("full"), new_tokens=False)) == names
    assert merged(model) is model


def test_frozen_blocks_and_embeddings_get_no_gradient(
    model: PreTrainedModel, adapt: Callable[..., Adapt]
) -> None:
    every = {name for name, _ in model.named_parameters()}
    adapted(model, adapt("full", "frozen_layers=2"), new_tokens=False)
    frozen = every - learning(model)
    blocks = {name for name in every if block_of(name) is not None}
    assert {block_of(name) for name in frozen & blocks} == {0, 1}
    assert {block_of(name) for name in learning(model) & blocks} == {2}
    embeddings = {"transformer.wte.weight", "transformer.wpe.weight", "model.embed_tokens.weight"}
    assert frozen - blocks == embeddings & every
    model(TOKENS, labels=TOKENS).loss.backward()
    assert {name for name, weight in model.named_parameters() if weight.grad is None} == frozen


def test_lora_begins_as_the_model_it_adapts(
    model: PreTrainedModel, adapt: Callable[..., Adapt]
) -> None:
    before, kind = logits(model), type(model)
    assert torch.equal(logits(adapted(model, adapt("lora"), new_tokens=False)), before)
    assert type(model) is kind


def test_lora_trains_products_in_every_matrix_of_the_blocks_alone(
    model: PreTrainedModel, adapt: Callable[..., Adapt]
) -> None:
    matrices = {
        name.removesuffix(".weight")
        for name, weight in model.named_parameters()
        if weight.ndim == 2 and block_of(name) is not None
    }
    names = learning(adapted(model, adapt("lora"), new_tokens=False))
    assert {name.partition(".lora_")[0] for name in names} == matrices
    assert all(".lora_" in name for name in names)


def test_lora_leaves_frozen_blocks_and_other_targets_alone(
    model: PreTrainedModel, adapt: Callable[..., Adapt]
) -> None:
    adapted(model, adapt("lora", "frozen_layers=1", "targets=[c_attn,v_proj]"), new_tokens=False)
    names = learning(model)
    assert {block_of(name) for name in names} == {1, 2}
    assert {name.partition(".lora_")[0].rpartition(".")[2] for name in names} <= {
        "c_attn",
        "v_proj",
    }


def test_merging_changes_no_logits_and_leaves_an_ordinary_directory(
    model: PreTrainedModel, adapt: Callable[..., Adapt], tmp_path: Path
) -> None:
    keys, untouched = list(model.state_dict()), logits(model)
    trained(adapted(model, adapt("lora"), new_tokens=False))
    before = logits(model)
    assert (before - untouched).abs().max() > 0.01
    torch.testing.assert_close(logits(merged(model)), before, atol=1e-5, rtol=1e-5)
    assert list(model.state_dict()) == keys
    model.save_pretrained(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".safetensors"}
    again, found = AutoModelForCausalLM.from_pretrained(tmp_path, output_loading_info=True)
    assert not found["missing_keys"] and not found["unexpected_keys"]
    assert torch.equal(logits(again), logits(model))


@pytest.mark.parametrize("kind", ["full", "lora"])
def test_new_tokens_make_the_embeddings_learn(
    model: PreTrainedModel, adapt: Callable[..., Adapt], kind: str
) -> None:
    adapted(model, adapt(kind, "frozen_layers=1"), new_tokens=True)
    assert model.get_input_embeddings().weight.requires_grad
    assert model.get_output_embeddings().weight.requires_grad


@pytest.mark.parametrize("kind", ["full", "lora"])
def test_more_frozen_blocks_than_there_are_is_refused(
    model: PreTrainedModel, adapt: Callable[..., Adapt], kind: str
) -> None:
    with pytest.raises(Refusal, match=f"has {BLOCKS} blocks") as refusal:
        adapted(model, adapt(kind, f"frozen_layers={BLOCKS + 1}"), new_tokens=False)
    assert refusal.value.code is ExitCode.PARAMETERS


@pytest.mark.parametrize("overrides", [["targets=[no_such]"], [f"frozen_layers={BLOCKS}"]])
def test_lora_without_a_module_names_those_there_are(
    model: PreTrainedModel, adapt: Callable[..., Adapt], overrides: list[str]
) -> None:
    with pytest.raises(Refusal, match=r"model\.adapt\.targets.*(c_attn|q_proj)") as refusal:
        adapted(model, adapt("lora", *overrides), new_tokens=False)
    assert refusal.value.code is ExitCode.PARAMETERS
