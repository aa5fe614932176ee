"""What a model makes of documents: nats, tokens and right guesses of each. Any causal LM."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xuxie.evaluate.settings import EvaluateSettings
from xuxie.evaluate.texts import Texts
from xuxie.evaluate.windows import Window, windows
from xuxie.model.directory import context_of
from xuxie.model.head import plain_head
from xuxie.tokenizer.encode import boundary, encode

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Guesses:
    """For each scored token, batch by batch: the chance of the likeliest, and whether it came."""

    chance: list[npt.NDArray[np.float32]] = field(default_factory=list)
    right: list[npt.NDArray[np.bool_]] = field(default_factory=list)


@dataclass(frozen=True)
class Scores:
    """For each document: nats of its text, its tokens, and tokens that were the likeliest.

    guesses: of every token.
    positions: for windows that fill the context, the nats at each of its positions, [context].
    """

    nats: Floats
    tokens: Integers
    right: Integers
    guesses: Guesses = field(default_factory=Guesses)
    positions: list[Floats] = field(default_factory=list)


def scored(
    settings: EvaluateSettings,
    model: PreTrainedModel,
    words: PreTrainedTokenizerBase,
    texts: Texts,
) -> Scores:
    """Scores of the documents of a split; those of a group see what stands before them in it."""
    found = list(windows_of(settings, model, words, texts))
    return score(
        model, found, len(texts.texts), batch=settings.batch, probes=settings.position_windows
    )


def windows_of(
    settings: EvaluateSettings,
    model: PreTrainedModel,
    words: PreTrainedTokenizerBase,
    texts: Texts,
) -> Iterator[Window]:
    """The windows of every group, with its documents numbered as in `texts`."""
    context = context_of(model)
    stride = max(1, round(settings.stride * context))
    tokens = encode(words, texts.texts)
    starts = [0, *(texts.groups[1:] != texts.groups[:-1]).nonzero()[0] + 1, len(tokens)]
    for begin, end in pairwise(starts):
        yield from windows(
            tokens[begin:end], begin, boundary=boundary(words), context=context, stride=stride
        )


def score(
    model: PreTrainedModel,
    windows: list[Window],
    num_documents: int,
    *,
    batch: int,
    probes: int = 0,
) -> Scores:
    """Score every window, `batch` of similar length at a time, on the model's device.

    Args:
        probes: of the windows that fill the context, so many are scored at every position.
    """
    scores = Scores(
        np.zeros(num_documents), np.zeros(num_documents, int), np.zeros(num_documents, int)
    )
    head = plain_head(model)
    by_length = sorted(windows, key=lambda window: -len(window.inputs))
    probed = chosen(by_length, context_of(model), probes)
    for place in tqdm(range(0, len(by_length), batch), desc="评估 evaluate", disable=None):
        rows = slice(place, place + batch)
        add(scores, model, head, by_length[rows], probed[rows])
    return scores


def chosen(windows: list[Window], context: int, probes: int) -> npt.NDArray[np.bool_]:
    """Which windows to score at every position: full ones, evenly through the text."""
    full = np.flatnonzero([len(window.inputs) == context for window in windows])
    found = np.zeros(len(windows), dtype=bool)
    count = min(probes, len(full))
    found[full[np.arange(count) * len(full) // max(count, 1)]] = True
    return found


@torch.inference_mode()
def add(
    scores: Scores,
    model: PreTrainedModel,
    head: nn.Linear | None,
    windows: list[Window],
    probed: npt.NDArray[np.bool_],
) -> None:
    """Add a batch.

    Where windows overlap, half of their tokens are context only: these need no logits, which with
    8,000 tokens and width 128 are two thirds of the work.
    """
    owners = padded([window.documents for window in windows], -1)
    probe = torch.from_numpy(probed)[:, None].expand_as(owners)
    wanted = (owners >= 0) | probe
    counted = (owners >= 0)[wanted].numpy()
    targets = padded([window.targets for window in windows], 0)[wanted].to(model.device)
    logits = logits_of(model, head, windows, wanted)
    nats = functional.cross_entropy(logits, targets, reduction="none")
    top, likeliest = logits.max(-1)
    # The likeliest token's chance follows from the target's: their logits differ by so much.
    target = logits.gather(1, targets[:, None])[:, 0]
    chance = torch.exp(top - target - nats).cpu().numpy()[counted]
    right = (likeliest == targets).cpu().numpy()[counted]
    spent = nats.double().cpu().numpy()
    owner = owners[wanted].numpy()[counted]
    np.add.at(scores.nats, owner, spent[counted])
    np.add.at(scores.tokens, owner, 1)
    np.add.at(scores.right, owner, right)
    scores.guesses.chance.append(chance)
    scores.guesses.right.append(right)
    scores.positions.extend(spent[probe[wanted].numpy()].reshape(-1, owners.shape[1]))


def logits_of(
    model: PreTrainedModel, head: nn.Linear | None, windows: list[Window], wanted: Tensor
) -> Tensor:
    """[wanted, vocabulary]. Shorter windows are padded behind, where causal attention never looks.

    Args:
        wanted: [windows, longest], where logits are needed.
    """
    inputs = padded([window.inputs for window in windows], 0).to(model.device)
    attended, there = torch.ones_like(inputs), wanted.to(model.device)
    if head is None:
        logits: Tensor = model(inputs, attention_mask=attended, use_cache=False).logits[there]
    else:
        states = model.base_model(inputs, attention_mask=attended, use_cache=False)
        logits = head(states.last_hidden_state[there])
    return logits.float()


def padded(rows: list[npt.NDArray[np.int64]], value: int) -> Tensor:
    return torch.nn.utils.rnn.pad_sequence(
        [torch.from_numpy(row) for row in rows], batch_first=True, padding_value=value
    )
