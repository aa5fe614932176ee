"""Bits by position: flat where a model ignores what stands before, falling where it looks back."""

import numpy as np
import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedModel, PreTrainedTokenizerBase

import corpus
from conftest import Outputs
from xuxie.evaluate.positions import Stretch, by_position, context_gain
from xuxie.evaluate.score import Scores, chosen, scored
from xuxie.evaluate.texts import Texts
from xuxie.evaluate.windows import windows

LAWS = [corpus.articles(law, 40) for law in corpus.LAWS[:4]]
TEXTS = Texts(
    [text for law in LAWS for text in law],
    ["法"] * 160,
    np.repeat(np.arange(4), 40),
)


def curve(outputs: Outputs, model: PreTrainedModel, words: PreTrainedTokenizerBase) -> Scores:
    return scored(outputs.config.evaluate, model, words, TEXTS)


def test_stretches_cover_every_position_once_and_double() -> None:
    found = by_position([np.ones(100)] * 4)
    assert [(row.first, row.last) for row in found] == [
        (1, 1),
        (2, 2),
        (3, 4),
        (5, 8),
        (9, 16),
        (17, 32),
        (33, 64),
        (65, 100),
    ]


def test_bits_are_means_over_a_stretch_and_errors_are_between_windows() -> None:
    rows = [np.array([1.0, 2.0, 3.0, 5.0]) * np.log(2) + shift for shift in (0, 0, 0, np.log(2))]
    found = by_position(rows)
    assert [row.bits for row in found] == pytest.approx([1.25, 2.25, 4.25])
    assert [row.error for row in found] == pytest.approx([0.25] * 3)


def test_a_few_windows_give_no_curve() -> None:
    assert by_position([np.ones(8)] * 3) == []
    assert context_gain([]) == {}


def test_the_gain_is_from_the_first_stretch_to_the_last() -> None:
    found = [Stretch(1, 1, 9.0, 0.1), Stretch(2, 2, 6.0, 0.1), Stretch(3, 4, 6.5, 0.1)]
    assert context_gain(found) == {
        "first_bits_per_token": 9.0,
        "last_bits_per_token": 6.5,
        "context_gain": 2.5,
        "late_context_gain": -0.5,
    }


def test_probes_are_full_windows_spread_evenly() -> None:
    made = list(windows([list(range(95))], 0, boundary=0, context=10, stride=5))
    full = np.array([len(window.inputs) == 10 for window in made])
    found = chosen(made, 10, 4)
    assert found.sum() == 4
    assert (full | ~found).all()
    assert set(np.diff(np.flatnonzero(found))) <= {4, 5}
    assert (chosen(made, 10, 1000) == full).all()
    assert not chosen(made, 10, 0).any()


def test_probing_changes_no_score(
    outputs: Outputs, model: PreTrainedModel, words: PreTrainedTokenizerBase
) -> None:
    none = outputs.config.evaluate.model_copy(update={"position_windows": 0})
    plain, probed = scored(none, model, words, TEXTS), curve(outputs, model, words)
    assert plain.positions == []
    assert len(probed.positions) > 8
    assert np.allclose(plain.nats, probed.nats, rtol=1e-5)
    assert np.array_equal(plain.right, probed.right)
    counts = [sum(map(len, scores.guesses.chance)) for scores in (plain, probed)]
    assert counts == [plain.tokens.sum()] * 2


def test_a_model_that_sees_no_context_has_a_flat_curve(
    outputs: Outputs, words: PreTrainedTokenizerBase
) -> None:
    """Chances that are the same everywhere, as unequal as a model's that only counts tokens."""
    torch.manual_seed(1)
    shape = {"n_positions": 128, "n_embd": 32, "n_layer": 1, "n_head": 2}
    blind = GPT2LMHeadModel(GPT2Config(vocab_size=len(words), **shape)).eval()
    with torch.no_grad():
        blind.transformer.ln_f.weight.zero_()
        blind.transformer.ln_f.bias.fill_(0.3)
    found = by_position(curve(outputs, blind, words).positions)
    late = [row for row in found if row.first > 4]
    assert all(abs(row.bits - late[-1].bits) < 4 * row.error + 0.05 for row in late)
    assert np.ptp([row.bits for row in late]) < 0.3


def test_a_trained_models_curve_falls_and_broken_positions_show(
    outputs: Outputs, model: PreTrainedModel, words: PreTrainedTokenizerBase
) -> None:
    found = by_position(curve(outputs, model, words).positions)
    assert context_gain(found)["context_gain"] > 0.4
    broken = GPT2LMHeadModel(model.config).eval()
    broken.load_state_dict(model.state_dict())
    with torch.no_grad():
        torch.manual_seed(1)
        broken.transformer.wpe.weight[64:].normal_()
    damaged = by_position(curve(outputs, broken, words).positions)
    assert context_gain(damaged)["late_context_gain"] < -0.5
    assert damaged[0].bits == pytest.approx(found[0].bits, rel=1e-4)
