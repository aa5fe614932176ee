"""What a model makes of documents: nats, tokens and right guesses of each. Any causal LM."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm
from transformers import PreTrainedModel

from xuxie.evaluate.windows import Window


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
    by_length = sorted(windows, key=lambda window: -len(window.inputs))
    for place in tqdm(range(0, len(by_length), batch), desc="评估 evaluate", disable=None):
        add(scores, model, by_length[place : place + batch])
    return scores


@torch.inference_mode()
def add(scores: Scores, model: PreTrainedModel, windows: list[Window]) -> None:
    """Add a batch. Shorter windows are padded behind, where causal attention never looks."""
    owners = padded([window.documents for window in windows], -1)
    counted = owners >= 0
    owner = owners[counted].numpy()
    inputs = padded([window.inputs for window in windows], 0).to(model.device)
    targets = padded([window.targets for window in windows], 0)[counted].to(model.device)
    attended = torch.ones_like(inputs)
    logits = model(inputs, attention_mask=attended, use_cache=False).logits[counted].float()
    losses = functional.cross_entropy(logits, targets, reduction="none").double().cpu()
    right = (logits.argmax(-1) == targets).long().cpu()
    np.add.at(scores.nats, owner, losses.numpy())
    np.add.at(scores.tokens, owner, 1)
    np.add.at(scores.right, owner, right.numpy())


def padded(rows: list[npt.NDArray[np.int64]], value: int) -> Tensor:
    return torch.nn.utils.rnn.pad_sequence(
        [torch.from_numpy(row) for row in rows], batch_first=True, padding_value=value
    )
