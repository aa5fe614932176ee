"""Muon: matrices of the blocks move by orthogonal steps, each of q, k, v on its own."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, PreTrainedModel

from conftest import Settings
from xuxie.train.optimizer import optimizer, orthogonal, step_by_step, through_squares

WIDTH = 32
RATE = 0.01
LOWEST, HIGHEST = 0.6, 1.3


def well_conditioned(rows: int, columns: int, seed: int) -> Tensor:
    """A random matrix whose singular values lie between 0.3 and 1."""
    torch.manual_seed(seed)
    u, _, v = torch.linalg.svd(torch.randn(rows, columns), full_matrices=False)
    return u @ torch.diag(torch.linspace(0.3, 1, min(rows, columns))) @ v


def singular_values(matrix: Tensor) -> tuple[float, float]:
    values = torch.linalg.svdvals(matrix.float())
    return float(values.min()), float(values.max())


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("shape", [(16, 16), (16, 40), (1, 30)])
def test_singular_values_come_close_to_one(shape: tuple[int, int], dtype: torch.dtype) -> None:
    batch = torch.stack([well_conditioned(*shape, seed) * 10.0**seed for seed in range(-3, 4)])
    made = orthogonal(batch, dtype)
    assert made.dtype == batch.dtype
    for matrix in made:
        low, high = singular_values(matrix)
        assert low > LOWEST
        assert high < HIGHEST


def test_the_directions_stay() -> None:
    matrix = well_conditioned(16, 40, seed=1)
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    rotated = u.mT @ orthogonal(matrix[None], torch.float32)[0] @ v.mT
    assert (rotated - torch.diag(rotated.diagonal())).abs().max() < 1e-4
    assert (rotated.diagonal() > LOWEST).all()


@pytest.mark.parametrize("rows", [1, 16, 40])
def test_the_short_way_ends_where_the_plain_one_does(rows: int) -> None:
    """Also for matrices that are close to singular."""
    torch.manual_seed(1)
    random = torch.randn(3, rows, 40)
    u, _, v = torch.linalg.svd(random[0], full_matrices=False)
    random[0] = u @ torch.diag(torch.logspace(0, -6, rows)) @ v
    random[1] = random[1, :1]
    x = random / random.norm(dim=(-2, -1), keepdim=True)
    exact = step_by_step(x.double())
    assert (step_by_step(x) - exact).abs().max() < 1e-5
    assert (through_squares(x) - exact).abs().max() < 1e-3


def test_nothing_stays_nothing() -> None:
    assert not orthogonal(torch.zeros(2, 3, 5), torch.float32).any()


def gpt2() -> PreTrainedModel:
    return GPT2LMHeadModel(
        GPT2Config(vocab_size=40, n_positions=16, n_embd=WIDTH, n_layer=1, n_head=2)
    )


def llama() -> PreTrainedModel:
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=40,
            hidden_size=WIDTH,
            intermediate_size=4 * WIDTH,
            num_hidden_layers=1,
            num_attention_heads=2,
        )
    )


def moved(model: PreTrainedModel, settings: Settings, name: str, gradients: list[Tensor]) -> Tensor:
    """How far the named weight moves, in learning rates, over steps with these gradients."""
    overrides = (f"train.optimizer.matrix_rate={RATE}", "train.optimizer.weight_decay=0")
    stepper = optimizer(model, settings(*overrides).train.optimizer, dtype=torch.float32)
    weight = model.get_parameter(name)
    before = weight.detach().clone()
    for gradient in gradients:
        weight.grad = gradient.clone()
        stepper.step()
    return (before - weight.detach()) / RATE


def test_q_k_v_are_three_matrices(settings: Settings) -> None:
    gradient = torch.cat([well_conditioned(WIDTH, WIDTH, seed) for seed in range(3)], dim=1)
    step = moved(gpt2(), settings, "transformer.h.0.attn.c_attn.weight", [gradient])
    for part in step.chunk(3, dim=1):
        low, high = singular_values(part)
        assert low > LOWEST
        assert high < HIGHEST


@pytest.mark.parametrize(
    ("make", "name", "scale"),
    [
        (gpt2, "transformer.h.0.attn.c_proj.weight", 1.0),
        (gpt2, "transformer.h.0.mlp.c_fc.weight", 2.0),
        (gpt2, "transformer.h.0.mlp.c_proj.weight", 1.0),
        (llama, "model.layers.0.mlp.up_proj.weight", 2.0),
        (llama, "model.layers.0.mlp.down_proj.weight", 1.0),
    ],
)
def test_a_step_is_orthogonal_and_larger_where_there_are_more_outputs(
    make: Callable[[], PreTrainedModel], name: str, scale: float, settings: Settings
) -> None:
    model = make()
    gradient = well_conditioned(*model.get_parameter(name).shape, seed=1)
    low, high = singular_values(moved(model, settings, name, [gradient]) / scale)
    assert low > LOWEST
    assert high < HIGHEST


def test_the_size_of_the_gradient_does_not_matter(settings: Settings) -> None:
    gradient, name = well_conditioned(WIDTH, WIDTH, 1), "transformer.h.0.attn.c_proj.weight"
    one, other = (moved(gpt2(), settings, name, [gradient * size]) for size in (1, 1000))
    torch.testing.assert_close(one, other, atol=1e-3, rtol=1e-3)


def test_momentum_carries_a_weight_on(settings: Settings) -> None:
    gradient, name = well_conditioned(WIDTH, WIDTH, 1), "transformer.h.0.attn.c_proj.weight"
    once = moved(gpt2(), settings, name, [gradient])
    coasting = moved(gpt2(), settings, name, [gradient, torch.zeros_like(gradient)])
    torch.testing.assert_close(coasting, 2 * once, atol=0.01, rtol=0.01)


def test_matrices_without_a_gradient_only_decay(settings: Settings) -> None:
    model = gpt2()
    chosen = settings(f"train.optimizer.matrix_rate={RATE}").train.optimizer
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    optimizer(model, chosen, dtype=torch.float32).step()
    name = "transformer.h.0.mlp.c_fc.weight"
    shrunk = before[name] * (1 - RATE * chosen.weight_decay)
    torch.testing.assert_close(model.get_parameter(name).detach(), shrunk)
    assert torch.equal(model.transformer.wte.weight, before["transformer.wte.weight"])


def test_embeddings_are_left_to_adamw(settings: Settings) -> None:
    gradient = torch.full((40, WIDTH), 0.5)
    step = moved(gpt2(), settings, "transformer.wte.weight", [gradient]) * RATE
    expected = torch.full_like(step, settings().train.optimizer.embedding_rate)
    torch.testing.assert_close(step, expected, atol=1e-5, rtol=1e-3)
