"""Embeddings that begin from the neighbours of tokens."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize
from transformers import GPT2Config, GPT2LMHeadModel

from conftest import Outputs
from xuxie.tokenizer.tokens import Tokens, open_tokens
from xuxie.train.embeddings import GAIN, SIZE, begin_from_neighbours

KINDS, WORDS = 4, 20
VOCABULARY, WIDTH = KINDS * WORDS, 16


@pytest.fixture
def text(outputs: Outputs) -> Tokens:
    """Words of one kind are only ever followed by words of the next kind, whichever they are."""
    random = np.random.default_rng(1)
    kinds = np.arange(8_000) % KINDS
    words = kinds * WORDS + random.integers(WORDS, size=len(kinds))
    return replace(open_tokens(outputs.tokens, "train"), tokens=words.astype(np.uint16))


def model(vocabulary: int = VOCABULARY) -> GPT2LMHeadModel:
    torch.manual_seed(1)
    return GPT2LMHeadModel(
        GPT2Config(vocab_size=vocabulary, n_embd=WIDTH, n_layer=1, n_head=1, n_positions=8)
    )


def test_tokens_with_like_neighbours_lie_close(text: Tokens) -> None:
    fresh = model()
    begin_from_neighbours(fresh, text, seed=1)
    weight = fresh.transformer.wte.weight.detach()
    directions = normalize(weight, dim=1)
    alike = directions @ directions.T
    kinds = torch.arange(VOCABULARY) // WORDS
    same = kinds[:, None] == kinds[None]
    assert alike[same].mean() > alike[~same].mean() + 0.2
    assert weight.pow(2).mean().sqrt() == pytest.approx(SIZE, rel=1e-5)
    assert (fresh.transformer.ln_f.weight == GAIN).all()
    assert fresh.lm_head.weight is fresh.transformer.wte.weight


def test_the_same_seed_gives_the_same_bits(text: Tokens) -> None:
    weights = []
    for seed in (1, 1, 2):
        fresh = model()
        begin_from_neighbours(fresh, text, seed)
        weights.append(fresh.transformer.wte.weight)
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_a_token_that_never_occurs_gets_a_random_direction_of_the_same_size(text: Tokens) -> None:
    fresh = model(VOCABULARY + 5)
    begin_from_neighbours(fresh, text, seed=1)
    sizes = fresh.transformer.wte.weight.detach()[VOCABULARY:].pow(2).mean(dim=1).sqrt()
    assert ((sizes > SIZE / 3) & (sizes < 3 * SIZE)).all()


def test_too_small_a_vocabulary_is_left_alone(outputs: Outputs) -> None:
    fresh, untouched = model(40), model(40)
    begin_from_neighbours(fresh, open_tokens(Path(outputs.tokens), "train"), seed=1)
    assert torch.equal(fresh.transformer.wte.weight, untouched.transformer.wte.weight)
