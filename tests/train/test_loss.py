"""The fast loss is cross-entropy: value, gradients, and which models it may serve."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional
from transformers import (
    CohereConfig,
    CohereForCausalLM,
    Gemma2Config,
    Gemma2ForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PhiConfig,
    PhiForCausalLM,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from xuxie.model.head import plain_head
from xuxie.train import loss
from xuxie.train.loss import mean_loss, token_losses

ROWS, WIDTH, VOCABULARY = 700, 24, 90
SHAPE: dict[str, Any] = {
    "vocab_size": 40,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "pad_token_id": 0,
}


def rows(seed: int = 1, scale: float = 1.0) -> tuple[Tensor, Tensor, Tensor]:
    """Hidden states, a head, targets; more rows than go at a time, and not a multiple of those."""
    torch.manual_seed(seed)
    hidden = (torch.randn(ROWS, WIDTH) * scale).requires_grad_()
    weight = torch.randn(VOCABULARY, WIDTH).requires_grad_()
    return hidden, weight, torch.randint(VOCABULARY, (ROWS,))


def stock(hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    return functional.cross_entropy(functional.linear(hidden, weight).float(), targets)


def value_and_gradients(
    function: Callable[[Tensor, Tensor, Tensor], Tensor], scale: float = 1.0
) -> list[Tensor]:
    hidden, weight, targets = rows(scale=scale)
    found = function(hidden, weight, targets)
    (3 * found).backward()
    assert hidden.grad is not None
    assert weight.grad is not None
    return [found.detach(), hidden.grad, weight.grad]


def distance(one: Tensor, other: Tensor) -> float:
    """Relative to the length of `other`."""
    return float((one.double() - other.double()).norm() / other.double().norm())


@pytest.mark.parametrize("scale", [0.01, 1.0, 100.0])
def test_value_and_gradients_are_those_of_cross_entropy(scale: float) -> None:
    ours, theirs = (value_and_gradients(function, scale) for function in (mean_loss, stock))
    for one, other in zip(ours, theirs, strict=True):
        assert one.dtype == other.dtype
        assert distance(one, other) < 1e-5


def test_bf16_is_as_near_to_fp32_as_autocast_is() -> None:
    exact = value_and_gradients(stock)
    with torch.autocast("cpu", torch.bfloat16):
        ours, theirs = value_and_gradients(mean_loss), value_and_gradients(stock)
    for one, other, true in zip(ours, theirs, exact, strict=True):
        assert one.dtype == other.dtype
        assert distance(one, true) < 2 * distance(other, true) + 1e-3
        assert 0 < distance(one, true) < 0.02


def test_a_target_that_seemed_impossible_has_a_finite_loss() -> None:
    hidden = torch.tensor([[200.0]], requires_grad=True)
    weight = torch.tensor([[1.0], [-1.0]])
    assert mean_loss(hidden, weight, torch.tensor([1])).item() == 400.0


def test_a_frozen_head_gets_no_gradient() -> None:
    hidden, weight, targets = rows()
    mean_loss(hidden, weight.detach(), targets).backward()
    expected = torch.autograd.grad(stock(hidden, weight, targets), hidden)[0]
    assert hidden.grad is not None
    assert distance(hidden.grad, expected) < 1e-5


def test_each_rows_loss_is_its_cross_entropy() -> None:
    hidden, weight, targets = rows()
    expected = functional.cross_entropy(hidden @ weight.t(), targets, reduction="none")
    torch.testing.assert_close(token_losses(hidden, weight, targets), expected)


def test_where_the_pieces_end_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = value_and_gradients(mean_loss)
    monkeypatch.setattr(loss, "ROWS", 7)
    for one, other in zip(value_and_gradients(mean_loss), whole, strict=True):
        assert distance(one, other) < 1e-6


def gpt2() -> PreTrainedModel:
    return GPT2LMHeadModel(
        GPT2Config(vocab_size=40, n_positions=16, n_embd=16, n_layer=1, n_head=2)
    )


@pytest.mark.parametrize(
    ("make", "plain"),
    [
        (gpt2, True),
        (lambda: LlamaForCausalLM(LlamaConfig(**SHAPE)), True),
        (lambda: Qwen2ForCausalLM(Qwen2Config(**SHAPE)), True),
        # The logits are capped, scaled, shifted.
        (lambda: Gemma2ForCausalLM(Gemma2Config(**SHAPE, head_dim=8)), False),
        (lambda: CohereForCausalLM(CohereConfig(**SHAPE, logit_scale=0.5)), False),
        (lambda: PhiForCausalLM(PhiConfig(**SHAPE)), False),
    ],
    ids=["gpt2", "llama", "qwen2", "gemma2", "cohere", "phi"],
)
def test_only_heads_that_are_a_product_and_no_more_are_taken(
    make: Callable[[], PreTrainedModel], plain: bool
) -> None:
    model = make().train()
    state = torch.get_rng_state()
    found = plain_head(model)
    assert found is (model.get_output_embeddings() if plain else None)
    assert model.training
    assert torch.equal(torch.get_rng_state(), state)
    assert not model.get_output_embeddings()._forward_hooks
