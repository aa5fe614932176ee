"""The loss: windows of several groups score as if each group stood alone."""

from collections.abc import Callable

import hypothesis
import pytest
import torch
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    set_seed,
)

from conftest import Settings
from xuxie.train.module import LanguageModel, boundaries

RUNS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5)), min_size=1, max_size=5)
VOCABULARY = 50
BOUNDARY = 0


def random_gpt2() -> PreTrainedModel:
    shape = GPT2Config(vocab_size=VOCABULARY, n_positions=32, n_embd=32, n_layer=2, n_head=2)
    return GPT2LMHeadModel(shape)


def random_llama() -> PreTrainedModel:
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=VOCABULARY,
            hidden_size=32,
            intermediate_size=48,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=32,
        )
    )


def loud(model: PreTrainedModel) -> PreTrainedModel:
    """With weights large enough that a token seen by mistake shows."""
    set_seed(1)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.4)
    return model.eval()


def wrapped(model: PreTrainedModel, settings: Settings) -> LanguageModel:
    return LanguageModel(
        model,
        settings().train.optimizer,
        steps=1,
        boundary=BOUNDARY,
        bits_per_nat=2.0,
        dtype=torch.float32,
    )


@hypothesis.given(runs=RUNS)
@hypothesis.settings(deadline=None, derandomize=True)
def test_a_token_sees_its_own_group_up_to_itself(runs: list[tuple[int, int]]) -> None:
    groups = torch.tensor([place for place, (_, size) in enumerate(runs) for _ in range(size)])
    mask, positions = boundaries(groups[None])
    for row in range(len(groups)):
        begin = int((groups == groups[row]).nonzero()[0])
        assert positions[0, row] == row - begin
        expected = [begin <= column <= row for column in range(len(groups))]
        assert mask[0, 0, row].tolist() == expected


def test_each_row_of_a_batch_has_its_own_boundaries() -> None:
    mask, positions = boundaries(torch.tensor([[4, 4, 4], [4, 9, 9]]))
    assert positions.tolist() == [[0, 1, 2], [0, 0, 1]]
    assert mask[:, 0, 2].tolist() == [[True, True, True], [False, True, True]]


def alone(model: PreTrainedModel, inputs: Tensor, targets: Tensor) -> Tensor:
    """Nats of `targets` by the model as it comes, without our masks."""
    return functional.cross_entropy(model(inputs[None]).logits[0], targets, reduction="none")


@pytest.mark.parametrize("make", [random_gpt2, random_llama])
@pytest.mark.parametrize("sizes", [[24], [1, 23], [7, 1, 1, 9, 6]])
def test_packed_groups_score_as_each_group_alone(
    make: Callable[[], PreTrainedModel], sizes: list[int], settings: Settings
) -> None:
    model = loud(make())
    tokens = torch.randint(VOCABULARY, (1, 25))
    groups = torch.repeat_interleave(
        torch.tensor([*range(len(sizes)), 99]), torch.tensor([*sizes, 1])
    )
    with torch.inference_mode():
        losses, targets = wrapped(model, settings).losses(
            {"tokens": tokens, "groups": groups[None]}
        )
        pieces = zip(tokens[0, :-1].split(sizes), tokens[0, 1:].split(sizes), strict=True)
        expected = torch.cat([alone(model, *piece) for piece in pieces])
    assert torch.equal(targets, tokens[0, 1:])
    torch.testing.assert_close(losses, expected, atol=1e-5, rtol=1e-5)


def test_other_groups_of_the_window_change_nothing(settings: Settings) -> None:
    module = wrapped(loud(random_gpt2()), settings)
    groups = torch.tensor([[0] * 10 + [1] * 15])
    tokens = torch.randint(VOCABULARY, (1, 25))
    changed = tokens.clone()
    changed[0, :10] = torch.randint(VOCABULARY, (10,))
    one, other = (module.losses({"tokens": t, "groups": groups})[0] for t in (tokens, changed))
    assert torch.equal(one[10:], other[10:])
    assert not torch.allclose(one[:9], other[:9])


def test_the_training_loss_is_the_mean_of_all_tokens(settings: Settings) -> None:
    module = wrapped(loud(random_gpt2()), settings)
    batch = {"tokens": torch.randint(VOCABULARY, (3, 9)), "groups": torch.zeros(3, 9).long()}
    losses, _ = module.losses(batch)
    torch.testing.assert_close(module.training_step(batch, 0), losses.mean())


@pytest.mark.parametrize("make", [random_gpt2, random_llama])
def test_the_fast_loss_and_the_stock_model_give_the_same_gradients(
    make: Callable[[], PreTrainedModel], settings: Settings
) -> None:
    fast = wrapped(loud(make()), settings)
    groups = torch.tensor([[0] * 10 + [1] * 15, [2] * 20 + [3] * 5])
    batch = {"tokens": torch.randint(VOCABULARY, (2, 25)), "groups": groups}
    stock = wrapped(loud(make()), settings)
    stock.heads = (None,)
    assert fast.whole_head() is not None
    values = [module.training_step(batch, 0) for module in (fast, stock)]
    for value in values:
        value.backward()
    torch.testing.assert_close(*values, atol=0, rtol=1e-5)
    for one, other in zip(fast.parameters(), stock.parameters(), strict=True):
        assert one.grad is not None
        assert (one.grad - other.grad).norm() <= 1e-5 * other.grad.norm() + 1e-7
