"""What a model charges for each piece of a text, and what it would rather have seen there."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xuxie.model.directory import context_of

Place = tuple[int, int]
UNFINISHED = "\ufffd"


@dataclass(frozen=True)
class Alternative:
    """text: of one token; empty where the token is only a part of a character."""

    text: str
    probability: float


@dataclass(frozen=True)
class Piece:
    """Characters [start, end) of a text, written by the smallest run of tokens that ends between
    two characters: one token mostly, several where a character has no token of its own.

    tokens: how many.
    bits: what the model charges for them together.
    alternatives: the likeliest tokens in the place of the first one, falling.
    """

    start: int
    end: int
    tokens: int
    bits: float
    alternatives: tuple[Alternative, ...]


def whole_characters(places: Sequence[Place], length: int) -> Iterator[tuple[range, Place]]:
    """The smallest runs of tokens that end between two characters, and the characters of each.

    Characters that no token claims (tokenizers leave out blanks) belong to the run behind them,
    at the end of the text to the last one.

    Args:
        places: the characters [start, end) that each token of the text touches.
        length: of the text.
    """
    first = start = reach = 0
    for number, (begin, end) in enumerate(places):
        if start < reach <= begin and reach < length:
            yield range(first, number), (start, reach)
            first, start = number, reach
        reach = max(reach, end)
    if places:
        yield range(first, len(places)), (start, length)


def surprisal(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    before: Sequence[int],
    tokens: Sequence[int],
    places: Sequence[Place],
    *,
    length: int,
    alternatives: int,
) -> list[Piece]:
    """The pieces of a text in their order; together they are the whole text.

    Args:
        before: tokens that stand before the text, one at least; they are not charged for.
        tokens, places: of the text, as `tokenizer.encode.encode_with_places` gives them.
        length: of the text, in characters.
        alternatives: how many are named for each piece.
    """
    bits, values, instead = charged(model, before, tokens, alternatives)
    return [
        Piece(
            start,
            end,
            len(run),
            math.fsum(bits[run.start : run.stop]),
            tuple(
                Alternative(whole(tokenizer, token), value)
                for token, value in zip(instead[run.start], values[run.start], strict=True)
            ),
        )
        for run, (start, end) in whole_characters(places, length)
    ]


def whole(tokenizer: PreTrainedTokenizerBase, token: int) -> str:
    text = str(tokenizer.decode([token]))
    return "" if UNFINISHED in text else text


@torch.inference_mode()
def charged(
    model: PreTrainedModel, before: Sequence[int], tokens: Sequence[int], alternatives: int
) -> tuple[list[float], list[list[float]], list[list[int]]]:
    """For each token its bits, and the probabilities and numbers of the likeliest in its place.

    What is longer than the model's context is read in windows that overlap by half.
    """
    sequence, context = torch.tensor([*before, *tokens]), context_of(model)
    bits: list[float] = []
    values: list[list[float]] = []
    instead: list[list[int]] = []
    for begin in range(0, len(sequence), max(context // 2, 1)):
        window, done = sequence[begin : begin + context + 1], len(before) + len(bits) - begin
        if done < len(window):
            chances = log_probabilities(model, window[:-1], len(window) - done)
            wanted = window[done:, None].to(chances.device)
            bits += (-chances.gather(1, wanted)[:, 0] / math.log(2)).tolist()
            top = chances.topk(min(alternatives, chances.shape[1]))
            values += top.values.exp().tolist()
            instead += top.indices.tolist()
    return bits, values, instead


def log_probabilities(model: PreTrainedModel, tokens: Tensor, last: int) -> Tensor:
    """[last, vocabulary] in double precision: of what follows each of the `last` tokens."""
    inputs = tokens[None].to(model.device)
    made = model(inputs, attention_mask=torch.ones_like(inputs), use_cache=False)
    logits: Tensor = made.logits[0, len(tokens) - last :]
    return logits.double().log_softmax(-1)
