"""Embeddings that begin as the text has it: tokens with like neighbours lie close together.

The positive pointwise mutual information of tokens and their neighbours, factored (Levy and
Goldberg 2014, "Neural Word Embedding as Implicit Matrix Factorization"; neighbours smoothed as in
Levy, Goldberg and Dagan 2015). A small model on a few million tokens spends most of its training
on finding these: with the default model, half an epoch ended at 4.40 bits per character on val
instead of 4.57, and at 4.77 from random embeddings of this size (docs/lab.md).
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from transformers import PreTrainedModel

from xuxie.tokenizer.tokens import Tokens

# More tokens than these change little and cost memory: 24 bytes each.
SAMPLE = 20_000_000
# The neighbours' frequencies to this power: rare ones get less weight.
SMOOTHING = 0.75
# Taken from each count, so that pairs seen once say little.
DISCOUNT = 0.5
# More directions than are kept, and rounds, for the randomised factoring to be exact enough.
OVERSAMPLING, ROUNDS = 32, 2
# Root mean square of the embeddings, and the gain of the last norm, with which logits begin small.
SIZE, GAIN = 0.5, 0.15


@torch.no_grad()
def begin_from_neighbours(model: PreTrainedModel, tokens: Tokens, seed: int) -> None:
    """Set the embeddings of a fresh GPT-2, and the gain of the norm before its output layer.

    A vocabulary too small to have as many directions as the model is wide stays as it is.
    """
    embeddings: Tensor = model.get_input_embeddings().weight
    vocabulary, width = embeddings.shape
    if vocabulary <= width + OVERSAMPLING:
        return
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        found = factored(associations(tokens, vocabulary), width)
        random = torch.randn(vocabulary, width)
    norms = found.norm(dim=1, keepdim=True)
    known = norms > 1e-6  # others have no neighbour they are drawn to
    directions = torch.where(known, found / norms.clamp(min=1e-6) * width**0.5, random)
    embeddings.copy_(SIZE * directions)
    model.base_model.ln_f.weight.fill_(GAIN)


def associations(tokens: Tokens, vocabulary: int) -> Tensor:
    """Sparse [vocabulary, 2 * vocabulary]: each token with those after it, and those before it."""
    text = np.asarray(tokens.tokens[:SAMPLE]).astype(np.int64)
    after, before = (
        information(one, other, vocabulary)
        for one, other in ((text[:-1], text[1:]), (text[1:], text[:-1]))
    )
    rows = np.concatenate([after[0], before[0]])
    columns = np.concatenate([after[1], before[1] + vocabulary])
    values = torch.from_numpy(np.concatenate([after[2], before[2]])).float()
    places = torch.from_numpy(np.stack([rows, columns]))
    shape = (vocabulary, 2 * vocabulary)
    return torch.sparse_coo_tensor(places, values, shape, check_invariants=True).coalesce()


Integers = npt.NDArray[np.int64]


def information(
    tokens: Integers, neighbours: Integers, vocabulary: int
) -> tuple[Integers, Integers, npt.NDArray[np.float64]]:
    """The pairs seen more often than chance has it, and the logarithm of how much more."""
    pairs, counts = np.unique(tokens * vocabulary + neighbours, return_counts=True)
    token, neighbour = np.divmod(pairs, vocabulary)
    share = np.bincount(neighbours, minlength=vocabulary) ** SMOOTHING
    expected = np.bincount(tokens, minlength=vocabulary)[token] * (share / share.sum())[neighbour]
    values = np.log((counts - DISCOUNT) / expected)
    kept = values > 0
    return token[kept], neighbour[kept], values[kept]


def factored(matrix: Tensor, width: int) -> Tensor:
    """[rows, width]: the leading left singular vectors, each times the root of its value, turned.

    Turned at random, so that no coordinate is larger than the others.
    """
    left, values, _ = torch.svd_lowrank(matrix, q=width + OVERSAMPLING, niter=ROUNDS)
    turn = torch.linalg.qr(torch.randn(width, width)).Q
    result: Tensor = (left[:, :width] * values[:width].sqrt()) @ turn
    return result
