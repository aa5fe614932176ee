"""Attributions add up to what the prompt changes, and go to what can have changed it."""

import math

import pytest
import torch
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from xuxie.generate.attribution import attribution, by_character
from xuxie.tokenizer.encode import boundary, encode


def log_probability(model: PreTrainedModel, before: list[int], target: list[int]) -> float:
    """In bits, token by token."""
    total = 0.0
    for place, token in enumerate(target):
        with torch.no_grad():
            logits = model(torch.tensor([[*before, *target[:place]]])).logits[0, -1]
        total += logits.double().log_softmax(-1)[token].item() / math.log(2)
    return total


@pytest.mark.parametrize("length", [1, 3])
def test_the_parts_add_up_to_the_whole(
    model: PreTrainedModel, words: PreTrainedTokenizerBase, length: int
) -> None:
    end = boundary(words)
    before = [end, *encode(words, ["主管部门应当在三日内"])[0]]
    target = encode(words, ["对样品办理登记"])[0][:length]
    found = attribution(model, end, before, target, steps=16)
    with_prompt = log_probability(model, before, target)
    without = log_probability(model, [end] * len(before), target)
    assert found.log_probability == pytest.approx(with_prompt, abs=1e-3)
    assert found.baseline == pytest.approx(without, abs=1e-3)
    assert abs(with_prompt - without) > 0.5
    assert math.fsum(found.bits) == pytest.approx(with_prompt - without, abs=1e-2)
    assert found.error < 1e-2


def test_a_model_with_rotary_positions_and_divided_by_its_size() -> None:
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=40,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=0.3,
    )
    model = LlamaForCausalLM(config).eval()
    found = attribution(model, 0, [0, 5, 6, 7], [8], steps=32)
    assert found.error < 0.05 * max(map(abs, found.bits))


def test_only_the_last_token_matters_to_a_model_without_layers() -> None:
    torch.manual_seed(4)
    config = GPT2Config(vocab_size=40, n_embd=16, n_layer=0, n_head=1, initializer_range=0.5)
    model = GPT2LMHeadModel(config).eval()
    found = attribution(model, 0, [0, 5, 6, 7], [8], steps=16)
    changed = log_probability(model, [0, 5, 6, 7], [8]) - log_probability(model, [0] * 4, [8])
    assert found.bits[:3] == [0, 0, 0]
    assert found.bits[3] == pytest.approx(changed, abs=1e-2)
    assert abs(changed) > 0.1


def test_a_boundary_in_the_prompt_gets_nothing(
    model: PreTrainedModel, words: PreTrainedTokenizerBase
) -> None:
    end = boundary(words)
    prompt = encode(words, ["房间干净"])[0]
    found = attribution(model, end, [end, *prompt, end], prompt[:1], steps=8)
    assert found.bits[0] == found.bits[-1] == 0
    assert any(found.bits[1:-1])


def test_steps_are_doubled_until_the_sum_is_right() -> None:
    torch.manual_seed(5)
    config = GPT2Config(vocab_size=40, n_embd=16, n_layer=3, n_head=2, initializer_range=0.6)
    model = GPT2LMHeadModel(config).eval()
    rough = attribution(model, 0, [0, 5, 6, 7, 8], [9], steps=2)
    fine = attribution(model, 0, [0, 5, 6, 7, 8], [9], steps=64)
    assert rough.steps == 8
    assert fine.error < rough.error


def test_a_token_is_shared_by_the_characters_it_touches() -> None:
    # The tokens: none, two characters, and two halves of one character.
    assert by_character([9, 4, 1, 2], [(0, 0), (0, 2), (3, 4), (3, 4)], 4) == [2, 2, 0, 3]
