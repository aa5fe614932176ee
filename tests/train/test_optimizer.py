"""Which parameters get which update, and that AdamW is torch's own."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, PreTrainedModel

from conftest import Settings
from xuxie.train.optimizer import optimizer
from xuxie.train.settings import Optimizer as OptimizerSettings

Make = Callable[[], PreTrainedModel]


def gpt2() -> PreTrainedModel:
    return GPT2LMHeadModel(
        GPT2Config(vocab_size=40, n_positions=16, n_embd=16, n_layer=2, n_head=2)
    )


def llama(tied: bool = True) -> PreTrainedModel:
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=40,
            hidden_size=16,
            intermediate_size=24,
            num_hidden_layers=2,
            num_attention_heads=2,
            tie_word_embeddings=tied,
        )
    )


def llama_with_a_head() -> PreTrainedModel:
    return llama(tied=False)


@pytest.fixture
def chosen(settings: Settings) -> OptimizerSettings:
    return settings("train.optimizer.kind=adamw").train.optimizer


def made(model: PreTrainedModel, chosen: OptimizerSettings) -> torch.optim.AdamW:
    return optimizer(model, chosen, dtype=torch.float32)


def names_of(model: PreTrainedModel, group: dict[str, Any]) -> set[str]:
    wanted = {id(weight) for weight in group["params"]}
    return {name for name, weight in model.named_parameters() if id(weight) in wanted}


@pytest.mark.parametrize("make", [gpt2, llama, llama_with_a_head])
@pytest.mark.parametrize("kind", ["muon", "adamw"])
def test_every_parameter_is_in_exactly_one_group(make: Make, kind: str, settings: Settings) -> None:
    model = make()
    groups = made(model, settings(f"train.optimizer.kind={kind}").train.optimizer).param_groups
    placed = sorted(id(weight) for group in groups for weight in group["params"])
    assert placed == sorted(id(weight) for weight in model.parameters())


@pytest.mark.parametrize("make", [gpt2, llama, llama_with_a_head])
@pytest.mark.parametrize("kind", ["muon", "adamw"])
def test_only_the_blocks_matrices_decay(make: Make, kind: str, settings: Settings) -> None:
    model = make()
    chosen = settings(f"train.optimizer.kind={kind}").train.optimizer
    decaying: set[str] = set()
    for group in made(model, chosen).param_groups:
        decaying |= names_of(model, group) if group["weight_decay"] else set()
    assert decaying == {
        name
        for name, weight in model.named_parameters()
        if weight.ndim == 2 and not any(word in name for word in ("wte", "wpe", "embed", "lm_head"))
    }


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (gpt2, {"transformer.wte.weight"}),
        (llama, {"model.embed_tokens.weight"}),
        (llama_with_a_head, {"model.embed_tokens.weight", "lm_head.weight"}),
    ],
)
def test_embeddings_and_head_move_at_the_embedding_rate(
    make: Make, names: set[str], chosen: OptimizerSettings
) -> None:
    model = make()
    groups = made(model, chosen).param_groups
    (found,) = [group for group in groups if group["lr"] == chosen.embedding_rate]
    assert names_of(model, found) == names


def reference(model: PreTrainedModel, chosen: OptimizerSettings) -> torch.optim.AdamW:
    """Torch's own AdamW over the same three kinds of parameters, told apart by their names."""
    kinds: dict[str, list[torch.nn.Parameter]] = {"embedding": [], "matrix": [], "other": []}
    for name, weight in model.named_parameters():
        kind = "embedding" if "wte" in name else "matrix" if weight.ndim == 2 else "other"
        kinds["other" if "wpe" in name else kind].append(weight)
    return torch.optim.AdamW(
        [
            {"params": kinds["matrix"], "lr": 0.01, "weight_decay": chosen.weight_decay},
            {"params": kinds["embedding"], "lr": chosen.embedding_rate, "weight_decay": 0.0},
            {"params": kinds["other"], "lr": chosen.rate, "weight_decay": 0.0},
        ],
        betas=(chosen.beta1, chosen.beta2),
    )


def test_adamw_is_torchs_own(settings: Settings) -> None:
    chosen = settings(
        "train.optimizer.kind=adamw", "train.optimizer.matrix_rate=0.01"
    ).train.optimizer
    ours = gpt2()
    theirs = gpt2()
    theirs.load_state_dict(ours.state_dict())
    steppers = [made(ours, chosen), reference(theirs, chosen)]
    for seed in range(5):
        for model, stepper in zip((ours, theirs), steppers, strict=True):
            torch.manual_seed(seed)
            for weight in model.parameters():
                weight.grad = torch.randn_like(weight)
            stepper.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-5)


def test_a_step_evaluates_the_closure_with_gradients(chosen: OptimizerSettings) -> None:
    model = gpt2()
    tokens = torch.arange(8)[None]

    def closure() -> torch.Tensor:
        loss = model(tokens, labels=tokens).loss
        loss.backward()
        return loss.detach()

    stepper = made(model, chosen)
    losses = [stepper.step(closure).item() for _ in range(3)]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("kind", ["muon", "adamw"])
def test_a_scaled_loss_moves_the_weights_as_an_unscaled_one(kind: str, settings: Settings) -> None:
    chosen = settings(f"train.optimizer.kind={kind}").train.optimizer
    assert moved(chosen, scaled=True) == pytest.approx(moved(chosen, scaled=False), rel=1e-5)


def moved(chosen: OptimizerSettings, *, scaled: bool) -> list[float]:
    """Sums of the weights after a clipped step, taken as fp16 takes it where `scaled`."""
    torch.manual_seed(1)
    model = gpt2().eval()
    scaler, steps = torch.amp.GradScaler("cpu", enabled=scaled), made(model, chosen)
    tokens = torch.arange(16)[None]
    scaler.scale(model(tokens, labels=tokens).loss).backward()
    # Lightning leaves it to the optimizers that say so.
    if not getattr(steps, "_step_supports_amp_scaling", False):
        scaler.unscale_(steps)
    torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)
    scaler.step(steps)
    return [float(weight.detach().abs().sum()) for weight in model.parameters()]
