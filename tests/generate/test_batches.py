"""A sample does not depend on its batch, and greedy tokens are those of transformers."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from conftest import Settings
from xuxie.generate.decoder import Decoder, Rows, decoder_of, steady_rows, unit_of
from xuxie.generate.gpt2 import Gpt2Decoder
from xuxie.generate.native import NativeDecoder
from xuxie.generate.sample import Sample, Sampler
from xuxie.generate.stock import StockDecoder

VOCABULARY, NEW = 211, 40
PROMPTS = [[7, 3, 9], [5] * 17, [200, 1], [7, 3, 9], [*range(45)]]


def gpt2(**options: Any) -> PreTrainedModel:
    shape = {"n_embd": 48, "n_layer": 3, "n_head": 4, "n_positions": 96, "initializer_range": 0.3}
    return GPT2LMHeadModel(GPT2Config(vocab_size=VOCABULARY, **(shape | options)))


def other(config: Any, model: Any) -> PreTrainedModel:
    return model(
        config(
            vocab_size=VOCABULARY,
            hidden_size=48,
            intermediate_size=80,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=96,
            initializer_range=0.3,
        )
    )


MODELS: dict[str, Callable[[], PreTrainedModel]] = {
    "gpt2": gpt2,
    "gpt2 of odd widths": lambda: gpt2(n_embd=57, n_head=3, n_inner=77),
    "gpt2 of tiny heads": lambda: gpt2(n_embd=12, n_head=6),
    "gpt2 with other scales": lambda: gpt2(
        scale_attn_by_inverse_layer_idx=True, activation_function="relu", n_inner=30
    ),
    "gpt2, torch": gpt2,
    "gpt2 of tiny heads, torch": lambda: gpt2(n_embd=12, n_head=6),
    "llama": lambda: other(LlamaConfig, LlamaForCausalLM),
    "qwen": lambda: other(Qwen2Config, Qwen2ForCausalLM),
}


@pytest.fixture(params=list(MODELS))
def random_model(request: pytest.FixtureRequest) -> PreTrainedModel:
    torch.manual_seed(3)
    made = MODELS[request.param]().eval()
    with torch.no_grad():
        for weight in made.parameters():
            if weight.dim() == 1:
                weight.add_(torch.randn_like(weight) * 0.1)
    return made


def fastest(model: PreTrainedModel) -> Decoder:
    return decoder_of(model, "fp32", compiled=True)


@pytest.fixture
def decoder(request: pytest.FixtureRequest, random_model: PreTrainedModel) -> Decoder:
    """The fastest, or the one that is taken where there is no compiler."""
    if "torch" in request.node.callspec.params["random_model"]:
        return Gpt2Decoder(random_model)
    return fastest(random_model)


@torch.inference_mode()
def greedy(decoder: Decoder, prompts: list[list[int]]) -> tuple[list[list[int]], torch.Tensor]:
    """New tokens [prompts][NEW], and the logits [prompts, NEW, vocabulary] behind them."""
    logits = [decoder.start(prompts, NEW).clone()]
    tokens = [logits[0].argmax(-1)]
    while len(tokens) < NEW:
        logits.append(decoder.step(tokens[-1]).clone())
        tokens.append(logits[-1].argmax(-1))
    return torch.stack(tokens, 1).tolist(), torch.stack(logits, 1)


def one_length(decoder: Decoder) -> list[list[int]]:
    return PROMPTS if decoder.ragged else [[7, 3, 9], [1, 1, 1], [7, 3, 9]]


def test_gpt2_has_a_forward_of_its_own(random_model: PreTrainedModel) -> None:
    kind = StockDecoder
    if random_model.config.model_type == "gpt2":
        kind = NativeDecoder if "gelu" in random_model.config.activation_function else Gpt2Decoder
    assert type(fastest(random_model)) is kind


def test_options_that_the_own_forward_lacks_go_to_the_stock_one() -> None:
    assert type(fastest(gpt2(reorder_and_upcast_attn=True))) is StockDecoder
    assert type(fastest(gpt2().to(torch.bfloat16))) is StockDecoder


@torch.inference_mode()
def test_greedy_tokens_are_those_of_transformers(
    decoder: Decoder, random_model: PreTrainedModel
) -> None:
    prompts = one_length(decoder)
    for prompt, tokens in zip(prompts, greedy(decoder, prompts)[0], strict=True):
        inputs = torch.tensor([prompt])
        expected = random_model.generate(
            inputs,
            attention_mask=torch.ones_like(inputs),
            do_sample=False,
            min_new_tokens=NEW,
            max_new_tokens=NEW,
            eos_token_id=None,
            pad_token_id=0,
        )
        assert tokens == expected[0, len(prompt) :].tolist()


@torch.inference_mode()
def test_logits_are_those_of_a_forward_without_a_cache(
    decoder: Decoder, random_model: PreTrainedModel
) -> None:
    prompts = one_length(decoder)
    tokens, logits = greedy(decoder, prompts)
    for prompt, new, found in zip(prompts, tokens, logits, strict=True):
        whole = random_model(torch.tensor([[*prompt, *new[:-1]]])).logits[0, len(prompt) - 1 :]
        torch.testing.assert_close(found, whole, rtol=1e-4, atol=1e-4)


def test_a_rows_logits_have_the_same_bits_in_every_batch(decoder: Decoder) -> None:
    rows = steady_rows(decoder, 64)
    assert rows.most == 64
    prompts = (one_length(decoder) * 64)[:64]
    whole = greedy(decoder, prompts)[1]
    for size in {rows.filled(wanted) for wanted in (1, 5, 7, 23, 64)}:
        for first in (0, 64 - size):
            part = greedy(decoder, prompts[first : first + size])[1]
            assert torch.equal(part, whole[first : first + size]), (size, first)


def test_a_decoder_forgets_what_it_read_before(decoder: Decoder) -> None:
    prompts = one_length(decoder)
    before = greedy(decoder, prompts)[1]
    greedy(decoder, [[9] * 50] * len(prompts))
    assert torch.equal(greedy(decoder, prompts)[1], before)


def test_batches_are_filled_up_where_few_rows_have_other_bits() -> None:
    """A model whose logits depend on the number of rows below 12 and above 64."""

    class Crooked:
        ragged, steady = True, False

        def __init__(self) -> None:
            self.widths = [64]

        def start(self, prompts: list[list[int]], new_tokens: int) -> torch.Tensor:
            rows = len(prompts)
            return torch.full((rows, 4), 0.0 if 12 <= rows <= 64 else float(rows + new_tokens))

        def step(self, tokens: torch.Tensor) -> torch.Tensor:
            return self.start([[0]] * len(tokens), 1)

    assert steady_rows(Crooked(), 64) == Rows(1, 12, 64)
    assert steady_rows(Crooked(), 1) == Rows(1, 12, 12)
    assert steady_rows(Crooked(), 300) == Rows(1, 12, 64)


@pytest.mark.parametrize(
    ("widths", "threads", "unit"), [([64], 1, 1), ([64], 2, 1), ([48], 1, 2), ([64, 12], 1, 8)]
)
def test_rows_fill_whole_vectors(widths: list[int], threads: int, unit: int) -> None:
    assert unit_of(widths, threads) == unit
    rows = Rows(unit, 2 * unit, 64)
    assert [rows.filled(n) for n in (1, 2 * unit, 2 * unit + 1)] == [2 * unit, 2 * unit, 3 * unit]


TEXTS = ("主管部门应当", "房间 room", "，")
DRAWN = ("min_new_tokens=10", "max_new_tokens=30", "temperature=1.3")


def drawn(
    settings: Settings, model: PreTrainedModel, words: PreTrainedTokenizerBase, *overrides: str
) -> dict[tuple[str, int], Sample]:
    chosen = settings(*(f"generate.{one}" for one in (*DRAWN, *overrides))).generate
    wanted = [(prompt, number) for prompt in TEXTS for number in range(22)][:64]
    made = list(Sampler(model, words, chosen, compiled=True).samples(wanted))
    assert [(sample.prompt, sample.number) for sample in made] == wanted
    return {(sample.prompt, sample.number): sample for sample in made}


@pytest.mark.parametrize("wild", [(), ("top_k=0",), ("top_k=0", "top_p=1.0")])
def test_samples_do_not_depend_on_the_batch(
    settings: Settings,
    model: PreTrainedModel,
    words: PreTrainedTokenizerBase,
    wild: tuple[str, ...],
) -> None:
    whole = drawn(settings, model, words, "batch=64", *wild)
    assert drawn(settings, model, words, "batch=5", *wild) == whole
    assert drawn(settings, model, words, "batch=1", *wild) == whole
    assert len({sample.text for sample in whole.values()}) > 60


def test_samples_of_a_stock_model_do_not_depend_on_the_batch(
    settings: Settings, words: PreTrainedTokenizerBase
) -> None:
    torch.manual_seed(3)
    shape = LlamaConfig(
        vocab_size=len(words),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=96,
        initializer_range=0.5,
    )
    llama = LlamaForCausalLM(shape).eval()
    whole = drawn(settings, llama, words, "batch=64")
    assert drawn(settings, llama, words, "batch=5") == whole
    assert drawn(settings, llama, words, "batch=1") == whole
