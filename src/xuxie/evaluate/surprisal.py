"""Where in a text the model was surprised: bits of each character, and what it expected."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xuxie.evaluate.score import Scores, logits_of, windows_of
from xuxie.evaluate.settings import EvaluateSettings
from xuxie.evaluate.texts import Texts
from xuxie.evaluate.windows import Window
from xuxie.model.head import plain_head

ALTERNATIVES = 5
# Of a document between these lengths a person sees the whole at once.
SHORTEST, LONGEST = 20, 300
MOST_SOURCES = 3
# Share of the documents that are easier: an easy one, a typical one, a hard one.
RANKS = {"容易 easy": 0.1, "典型 typical": 0.5, "难 hard": 0.9}
UNFINISHED = "\ufffd"


@dataclass(frozen=True)
class Piece:
    """Whole characters: one token, or the tokens that share a character between them.

    expected: what the model found likeliest here, and how likely, the likeliest first.
    """

    text: str
    bits: float
    expected: list[tuple[str, float]]


@dataclass(frozen=True)
class Heat:
    """A document in pieces, and how it was chosen."""

    source: str
    rank: str
    bits_per_character: float
    pieces: list[Piece]


def heats(
    settings: EvaluateSettings,
    model: PreTrainedModel,
    words: PreTrainedTokenizerBase,
    texts: Texts,
    scores: Scores,
) -> list[Heat]:
    """Of the largest sources an easy, a typical and a hard document each."""
    rates = scores.nats / math.log(2) / np.maximum(texts.characters(), 1)
    found = []
    for source, rank, place in examples(texts, rates):
        pieces = surprisal(settings, model, words, texts, place)
        found.append(Heat(source, rank, float(rates[place]), pieces))
    return found


def examples(texts: Texts, rates: npt.NDArray[np.float64]) -> Iterator[tuple[str, str, int]]:
    """Source, rank and number of the documents to show; fewer where a source has few."""
    lengths = texts.characters()
    sources = [(name, mask) for name, mask in texts.slices().items()][1:]
    for name, mask in sorted(sources, key=lambda item: -int(item[1].sum()))[:MOST_SOURCES]:
        fitting = np.flatnonzero(mask & (lengths >= SHORTEST) & (lengths <= LONGEST))
        ordered = fitting[np.argsort(rates[fitting], kind="stable")]
        places = {int(share * len(ordered)): rank for rank, share in RANKS.items()}
        for place, rank in places.items() if len(ordered) else ():
            yield name, rank, int(ordered[place])


def surprisal(
    settings: EvaluateSettings,
    model: PreTrainedModel,
    words: PreTrainedTokenizerBase,
    texts: Texts,
    document: int,
) -> list[Piece]:
    """The pieces of one document, scored behind the documents of its group as `scored` does."""
    group = np.flatnonzero(texts.groups == texts.groups[document])
    inside = Texts([texts.texts[place] for place in group], [""] * len(group), np.zeros_like(group))
    number = int(np.flatnonzero(group == document)[0])
    windows = list(windows_of(settings, model, words, inside))
    windows = [window for window in windows if (window.documents == number).any()]
    chances = torch.cat(log_chances(model, windows, number))
    targets = [window.targets[window.documents == number] for window in windows]
    spent = -chances.gather(1, torch.from_numpy(np.concatenate(targets))[:, None])[:, 0]
    return merged(words, texts.texts[document], spent / math.log(2), chances)


@torch.inference_mode()
def log_chances(model: PreTrainedModel, windows: list[Window], document: int) -> list[Tensor]:
    """For each window natural logarithms, [tokens of the document in it, vocabulary]."""
    head, found = plain_head(model), []
    for window in windows:
        wanted = torch.from_numpy(window.documents == document)[None]
        found.append(logits_of(model, head, [window], wanted).log_softmax(-1).cpu())
    return found


def merged(words: PreTrainedTokenizerBase, text: str, bits: Tensor, chances: Tensor) -> list[Piece]:
    """A piece for each stretch of tokens that end where a character ends.

    A token of bytes may hold a part of a character; what it is then merged with has its place in
    the text in common with it. Characters in no token, such as spaces, go with the piece behind.
    """
    options = {"add_special_tokens": False, "split_special_tokens": True}
    places = words(text, return_offsets_mapping=True, **options)["offset_mapping"]
    starts, covered = [], 0
    for number, (begin, end) in enumerate(places):
        if begin >= covered:
            starts.append(number)
        covered = max(covered, end)
    ends = [max(end for _, end in places[a:b]) for a, b in pairwise([*starts, len(places)])]
    cuts = [0, *ends[:-1], len(text)]
    return [
        Piece(text[a:b], float(bits[first:last].sum()), expected(words, chances[first]))
        for (a, b), (first, last) in zip(
            pairwise(cuts), pairwise([*starts, len(places)]), strict=True
        )
    ]


def expected(words: PreTrainedTokenizerBase, chances: Tensor) -> list[tuple[str, float]]:
    values, tokens = chances.topk(min(ALTERNATIVES, len(chances)))
    return [
        (shown(words, token), math.exp(value))
        for token, value in zip(tokens.tolist(), values.tolist(), strict=True)
    ]


def shown(words: PreTrainedTokenizerBase, token: int) -> str:
    """A token as a person reads it."""
    if token in words.all_special_ids:
        return "（文末 end of text）"
    text: str = words.decode([token])
    if UNFINISHED in text:
        return "（半个字 part of a character）"
    return text.replace("\n", "↵")
