"""The configured shape with fresh weights."""

import math

import pytest
import torch
from transformers import GPT2LMHeadModel

from conftest import Settings
from xuxie.model.architecture import build
from xuxie.model.settings import ModelSettings

SHAPE = ("model=tiny", "model.layers=3", "model.heads=4", "model.width=48", "model.context=40")


@pytest.fixture
def shape(settings: Settings) -> ModelSettings:
    return settings(*SHAPE, "model.dropout=0.125").model


def made(shape: ModelSettings, seed: int = 1) -> GPT2LMHeadModel:
    return build(shape, vocabulary=300, boundary=7, seed=seed)


def test_the_model_has_the_configured_shape(shape: ModelSettings) -> None:
    model = made(shape)
    weights = model.state_dict()
    assert weights["transformer.wte.weight"].shape == (300, 48)
    assert weights["transformer.wpe.weight"].shape == (40, 48)
    assert (len(model.transformer.h), model.config.n_head) == (3, 4)
    assert (model.config.bos_token_id, model.config.eos_token_id) == (7, 7)


def test_dropout_is_in_every_place(shape: ModelSettings) -> None:
    places = [m.p for m in made(shape).modules() if isinstance(m, torch.nn.Dropout)]
    assert len(places) > 3
    assert set(places) == {0.125}


def test_each_block_begins_as_the_identity(shape: ModelSettings) -> None:
    states = made(shape).eval()(torch.arange(20)[None], output_hidden_states=True).hidden_states
    for state in states[1:-1]:
        assert torch.equal(state, states[0])


def test_an_untrained_model_is_about_as_good_as_guessing(shape: ModelSettings) -> None:
    tokens = torch.arange(40)[None]
    loss = made(shape).eval()(tokens, labels=tokens).loss
    assert loss.item() == pytest.approx(math.log(300), abs=0.1)


@pytest.mark.parametrize(("seed", "same"), [(1, True), (2, False)])
def test_weights_depend_on_the_seed_alone(shape: ModelSettings, seed: int, same: bool) -> None:
    torch.manual_seed(99)
    one, other = made(shape, 1), made(shape, seed)
    embeddings = [model.transformer.wte.weight for model in (one, other)]
    assert torch.equal(*embeddings) is same


def test_the_output_head_is_tied_to_the_embeddings(shape: ModelSettings) -> None:
    model = made(shape)
    assert model.lm_head.weight is model.transformer.wte.weight
