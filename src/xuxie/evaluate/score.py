"""What a model makes of documents: nats, tokens and right guesses of each. Any causal LM."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm
from transformers import PreTrainedModel

from xuxie.evaluate.windows import Window
from xuxie.model.head import plain_head


@dataclass(frozen=True)
class Scores:
    """For each document: nats of its text, its tokens, and tokens that were the likeliest."""

    nats: npt.NDArray[np.float64]
    tokens: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]


def score(
    model: PreTrainedModel, windows: list[Window], num_documents: int, *, batch: int
) -> Scores:
    """Score every window, `batch` of similar length at a time, on the model's device."""
    scores = Scores(
        np.zeros(num_documents), np.zeros(num_documents, int), np.zeros(num_documents, int)
    )
    head = plain_head(model)
    by_length = sorted(windows, key=lambda window: -len(window.inputs))
    for place in tqdm(range(0, len(by_length), batch), desc="评估 evaluate", disable=None):
        add(scores, model, head, by_length[place : place + batch])
    return scores


@torch.inference_mode()
def add(
    scores: Scores, model: PreTrainedModel, head: nn.Linear | None, windows: list[Window]
) -> None:
    """Add a batch. Shorter windows are padded behind, where causal attention never looks.

    Where windows overlap, half of their tokens are context only: these need no logits, which with
    8,000 tokens and width 128 are two thirds of the work.
    """
    owners = padded([window.documents for window in windows], -1)
    counted = owners >= 0
    owner = owners[counted].numpy()
    inputs = padded([window.inputs for window in windows], 0).to(model.device)
    targets = padded([window.targets for window in windows], 0)[counted].to(model.device)
    attended = torch.ones_like(inputs)
    if head is None:
        logits = model(inputs, attention_mask=attended, use_cache=False).logits[counted].float()
    else:
        states = model.base_model(inputs, attention_mask=attended, use_cache=False)
        logits = head(states.last_hidden_state[counted]).float()
    losses = functional.cross_entropy(logits, targets, reduction="none").double().cpu()
    right = (logits.argmax(-1) == targets).long().cpu()
    np.add.at(scores.nats, owner, losses.numpy())
    np.add.at(scores.tokens, owner, 1)
    np.add.at(scores.right, owner, right.numpy())


def padded(rows: list[npt.NDArray[np.int64]], value: int) -> Tensor:
    return torch.nn.utils.rnn.pad_sequence(
        [torch.from_numpy(row) for row in rows], batch_first=True, padding_value=value
    )
