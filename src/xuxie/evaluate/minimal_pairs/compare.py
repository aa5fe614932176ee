"""How often a model finds the good sentence of a pair likelier, by phenomenon."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xuxie.evaluate.bootstrap import intervals
from xuxie.evaluate.minimal_pairs.pairs import Pair
from xuxie.evaluate.score import score
from xuxie.evaluate.settings import EvaluateSettings
from xuxie.evaluate.texts import ALL
from xuxie.evaluate.windows import windows
from xuxie.model.directory import context_of
from xuxie.tokenizer.encode import boundary, encode

# Nats: more than float32 loses over a sentence, less than any preference a model has.
TIE = 1e-4

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Margins:
    """By how many nats the good sentence of each pair is likelier; negative where it is not.

    sentence: of the whole sentences. character, token: of their means.
    count: tokens that it has fewer.
    """

    sentence: Array
    character: Array
    token: Array
    count: Array


def compared(
    settings: EvaluateSettings,
    model: PreTrainedModel,
    words: PreTrainedTokenizerBase,
    pairs: list[Pair],
) -> dict[str, dict[str, Any]]:
    """Figures under "all" and under each phenomenon, as `figures` gives them."""
    return figures(margins(model, words, pairs, batch=settings.batch), pairs, settings)


def margins(
    model: PreTrainedModel, words: PreTrainedTokenizerBase, pairs: list[Pair], *, batch: int
) -> Margins:
    """Score each sentence by itself, after the boundary token.

    Args:
        batch: windows of the model's whole context; of short sentences as many more at once.
    """
    texts = [pair.good for pair in pairs] + [pair.bad for pair in pairs]
    context, end = context_of(model), boundary(words)
    found = [
        window
        for place, tokens in enumerate(encode(words, texts))
        for window in windows([tokens], place, boundary=end, context=context, stride=context)
    ]
    longest = max(len(window.inputs) for window in found)
    scores = score(model, found, len(texts), batch=max(batch, batch * context // longest))
    characters = np.array([len(text) for text in texts])
    return Margins(
        sentence=gain(scores.nats),
        character=gain(scores.nats / characters),
        token=gain(scores.nats / scores.tokens),
        count=gain(scores.tokens.astype(float)),
    )


def gain(costs: Array) -> Array:
    """What the good sentences, which come first, cost less than the bad ones."""
    good, bad = costs.reshape(2, -1)
    return bad - good


def figures(
    found: Margins, pairs: list[Pair], settings: EvaluateSettings
) -> dict[str, dict[str, Any]]:
    """For all pairs and for each phenomenon: pairs, accuracies, the mean margin in bits.

    The headline, `accuracy`, compares the log-probabilities of whole sentences, as BLiMP does
    (Warstadt et al. 2020): it is what the model says, and in our own list the two sentences of a
    pair have as many characters, so that no text length favours either. Of lists where they have
    not, `accuracy_per_character` takes the length out.

    A bad word often falls into more tokens, which any model finds unlikely, trained or not:
    `accuracy_token_count` is what a model gets to which all tokens are alike, 56 % on our list
    with 8,000 tokens. A phenomenon is known where the model does better than that. Of all pairs,
    `accuracy_same_tokens` leaves out those whose token counts differ, and random weights get
    50 %. `accuracy_per_token` errs the other way, since the last tokens of a bad word are easy
    and lift its mean.

    A tie counts half. The interval of a phenomenon is Wilson's (1927), for pairs that are
    independent. The one of all pairs resamples phenomena, because pairs of one phenomenon
    resemble each other.
    """
    names = np.array([pair.phenomenon for pair in pairs])
    kinds, groups = np.unique(names, return_inverse=True)
    every = np.ones(len(pairs), dtype=bool)
    ((low, high),) = intervals(
        np.stack([points(found.sentence), every]),
        groups if len(kinds) > 1 else np.arange(len(pairs)),
        {ALL: every},
        settings.bootstrap,
    )[ALL]
    table = {ALL: row(found, every) | {"accuracy_low": low, "accuracy_high": high}}
    table[ALL] |= same_tokens(found)
    for name in dict.fromkeys(pair.phenomenon for pair in pairs):
        made = row(found, names == name)
        low, high = wilson(made["accuracy"], made["pairs"], settings.bootstrap.confidence)
        # A phenomenon of somebody's list may have the name of the sum.
        table[f"phenomenon {ALL}" if name == ALL else name] = made | {
            "accuracy_low": low,
            "accuracy_high": high,
        }
    return table


def row(found: Margins, mask: npt.NDArray[np.bool_]) -> dict[str, Any]:
    return {
        "pairs": int(mask.sum()),
        "accuracy": float(points(found.sentence[mask]).mean()),
        "accuracy_per_character": float(points(found.character[mask]).mean()),
        "accuracy_per_token": float(points(found.token[mask]).mean()),
        "accuracy_token_count": float(points(found.count[mask]).mean()),
        "margin_bits": float(found.sentence[mask].mean() / math.log(2)),
    }


def same_tokens(found: Margins) -> dict[str, Any]:
    """The accuracy on pairs with as many tokens on both sides; none where there are none."""
    same = found.count == 0
    if not same.any():
        return {"pairs_same_tokens": 0}
    accuracy = float(points(found.sentence[same]).mean())
    return {"pairs_same_tokens": int(same.sum()), "accuracy_same_tokens": accuracy}


def points(differences: Array) -> Array:
    """1 for a good sentence that is likelier, 1/2 for a tie, 0 otherwise."""
    return np.where(np.abs(differences) < TIE, 0.5, differences > 0)


def wilson(share: float, count: int, confidence: float) -> tuple[float, float]:
    """Score interval of a share of `count` independent trials (Wilson 1927)."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * math.sqrt(share * (1 - share) / count + (z / count / 2) ** 2)
    return middle - half, middle + half
