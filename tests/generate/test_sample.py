"""Continuations: functions of (seed, prompt, number), always valid, as long as was asked."""

import math

import pytest
import torch
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from conftest import Settings
from xuxie.errors import ExitCode, Refusal
from xuxie.generate.sample import Sampler
from xuxie.generate.utf8 import COMPLETE, INVALID, transitions
from xuxie.tokenizer.encode import boundary, encode

PROMPT = "主管部门应当"
SHORT = ("min_new_tokens=0", "max_new_tokens=12")
GREEDY = ("temperature=0.0", "repetition_penalty=1.0")
WILD = ("temperature=5.0", "top_k=0", "top_p=1.0", "repetition_penalty=1.0")


def random_model(vocabulary: int) -> PreTrainedModel:
    torch.manual_seed(1)
    shape = GPT2Config(
        vocab_size=vocabulary, n_positions=64, n_embd=16, n_layer=1, n_head=2, initializer_range=0.5
    )
    return GPT2LMHeadModel(shape).eval()


def ending_model(words: PreTrainedTokenizerBase) -> PreTrainedModel:
    """It always wants to end the text."""
    made = random_model(len(words))
    with torch.no_grad():
        made.transformer.ln_f.weight.zero_()
        made.transformer.ln_f.bias.copy_(made.transformer.wte.weight[boundary(words)] * 20)
    return made


def sampler(
    settings: Settings, model: PreTrainedModel, words: PreTrainedTokenizerBase, *overrides: str
) -> Sampler:
    chosen = settings(*(f"generate.{override}" for override in (*SHORT, *overrides)))
    return Sampler(model, words, chosen.generate, compiled=False)


def test_other_samples_drawn_before_change_nothing(
    settings: Settings, model: PreTrainedModel, words: PreTrainedTokenizerBase
) -> None:
    drawing = sampler(settings, model, words)
    for number in range(3):
        drawing.sample("别的提示", number)
    torch.manual_seed(99)
    fresh = sampler(settings, model, words).sample(PROMPT, 4)
    assert drawing.sample(PROMPT, 4) == fresh


def test_sampling_leaves_the_random_numbers_of_others_alone(
    settings: Settings, model: PreTrainedModel, words: PreTrainedTokenizerBase
) -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    sampler(settings, model, words).sample(PROMPT, 0)
    assert torch.equal(torch.rand(3), expected)


def test_numbers_and_seeds_give_other_texts(
    settings: Settings, model: PreTrainedModel, words: PreTrainedTokenizerBase
) -> None:
    one, other = (sampler(settings, model, words, *WILD, f"seed={seed}") for seed in (1, 2))
    texts = [drawing.sample(PROMPT, number).text for drawing in (one, other) for number in range(5)]
    assert len(set(texts)) == 10


@torch.inference_mode()
def greedy(
    model: PreTrainedModel, words: PreTrainedTokenizerBase, count: int
) -> tuple[list[int], float]:
    """The likeliest allowed tokens one by one, and their bits, without `generate`."""
    tokens, bits, state = [boundary(words), *encode(words, [PROMPT])[0]], 0.0, COMPLETE
    table = transitions(words)
    assert table is not None
    for _ in range(count):
        chances = model(torch.tensor([tokens])).logits[0, -1].log_softmax(-1)
        allowed = chances.masked_fill(table[state] == INVALID, -math.inf)
        allowed[boundary(words)] = -math.inf
        tokens.append(int(allowed.argmax()))
        bits -= float(chances[tokens[-1]]) / math.log(2)
        state = int(table[state, tokens[-1]])
    return tokens[-count:], bits


def test_temperature_zero_takes_the_likeliest_and_charges_its_bits(
    settings: Settings, model: PreTrainedModel, words: PreTrainedTokenizerBase
) -> None:
    drawing = sampler(settings, model, words, *GREEDY, "min_new_tokens=8", "max_new_tokens=8")
    first, second = drawing.sample(PROMPT, 0), drawing.sample(PROMPT, 1)
    tokens, bits = greedy(model, words, 8)
    assert first.text == second.text == words.decode(tokens).rstrip("\ufffd")
    assert first.bits_per_character == pytest.approx(bits / len(first.text), rel=1e-4)


@pytest.mark.parametrize("tempered", [WILD, (), GREEDY])
def test_bits_are_the_models_own_however_it_is_sampled(
    settings: Settings, words: PreTrainedTokenizerBase, tempered: tuple[str, ...]
) -> None:
    uniform = random_model(len(words))
    torch.nn.init.zeros_(uniform.transformer.ln_f.weight)
    made = sampler(settings, uniform, words, *tempered).sample(PROMPT, 0)
    bits = made.tokens * math.log2(len(words))
    assert made.bits_per_character == pytest.approx(bits / max(len(made.text), 1))


@pytest.mark.parametrize("number", range(8))
def test_text_is_valid_even_from_an_untrained_model(
    settings: Settings, words: PreTrainedTokenizerBase, number: int
) -> None:
    untrained = random_model(len(words) + 13)
    text = sampler(settings, untrained, words, *WILD, "max_new_tokens=40").sample("春", number).text
    assert "\ufffd" not in text
    assert len(text) > 0


@pytest.mark.parametrize(("fewest", "most"), [(0, 12), (5, 9), (9, 9)])
def test_the_number_of_tokens_is_within_what_was_asked(
    settings: Settings,
    model: PreTrainedModel,
    words: PreTrainedTokenizerBase,
    fewest: int,
    most: int,
) -> None:
    drawing = sampler(settings, model, words, f"min_new_tokens={fewest}", f"max_new_tokens={most}")
    assert all(fewest <= drawing.sample(PROMPT, n).tokens <= most for n in range(5))


@pytest.mark.parametrize(("fewest", "tokens"), [(0, 1), (6, 7)])
def test_a_text_ends_where_the_model_ends_it(
    settings: Settings, words: PreTrainedTokenizerBase, fewest: int, tokens: int
) -> None:
    drawing = sampler(settings, ending_model(words), words, *GREEDY, f"min_new_tokens={fewest}")
    made = drawing.sample(PROMPT, 0)
    assert made.finished
    assert made.tokens >= tokens
    assert words.eos_token not in made.text


def test_a_text_cut_off_at_the_most_tokens_is_not_finished(
    settings: Settings, words: PreTrainedTokenizerBase
) -> None:
    drawing = sampler(settings, ending_model(words), words, *GREEDY, "min_new_tokens=12")
    made = drawing.sample(PROMPT, 0)
    assert (made.tokens, made.finished) == (12, False)


def test_a_long_prompt_keeps_its_end_and_says_so(
    settings: Settings,
    model: PreTrainedModel,
    words: PreTrainedTokenizerBase,
    capsys: pytest.CaptureFixture[str],
) -> None:
    prompt = "受托人应当在三日内对账册办理登记，" * 40
    drawing = sampler(settings, model, words)
    assert drawing.start(prompt) == encode(words, [prompt])[0][-(128 - 12) :]
    assert "116" in capsys.readouterr().out
    assert drawing.sample(prompt, 0).tokens > 0


def test_a_prompt_that_fits_stands_behind_a_boundary(
    settings: Settings, model: PreTrainedModel, words: PreTrainedTokenizerBase
) -> None:
    start = sampler(settings, model, words).start(PROMPT)
    assert start == [boundary(words), *encode(words, [PROMPT])[0]]


@pytest.mark.parametrize("most", [128, 500])
def test_more_tokens_than_the_context_holds_are_refused(
    settings: Settings, model: PreTrainedModel, words: PreTrainedTokenizerBase, most: int
) -> None:
    with pytest.raises(Refusal, match="max_new_tokens") as refusal:
        sampler(settings, model, words, f"max_new_tokens={most}")
    assert refusal.value.code is ExitCode.PARAMETERS
