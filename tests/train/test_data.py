"""Batches are numbered by step: training can begin at any of them."""

import numpy as np
import pytest
import torch

from conftest import Outputs
from xuxie.tokenizer.tokens import open_tokens
from xuxie.train.data import StepSampler, WindowData
from xuxie.train.settings import Balance, Replay
from xuxie.train.windows import TrainWindows, ValidationWindows

BATCH, BATCHES, CONTEXT = 3, 7, 32


@pytest.fixture
def data(outputs: Outputs) -> WindowData:
    return WindowData(
        TrainWindows(
            open_tokens(outputs.tokens, "train"),
            CONTEXT,
            1,
            Balance(exponent=0.5, most=4.0),
            Replay(after=None, share=0.0),
        ),
        ValidationWindows(open_tokens(outputs.tokens, "val"), CONTEXT, limit=10),
        batch=BATCH,
        batches=BATCHES,
    )


@pytest.mark.parametrize("first", [0, 1, 5, 7])
def test_batches_go_on_from_the_current_step(first: int) -> None:
    sampler = StepSampler(BATCH, BATCHES)
    whole = list(sampler)
    sampler.first = first
    assert list(sampler) == whole[first:]
    assert len(sampler) == BATCHES - first


def test_batches_are_the_numbered_windows(data: WindowData) -> None:
    batches = list(data.train_dataloader())
    windows = [data.train[number] for number in range(BATCH * BATCHES)]
    assert len(batches) == BATCHES
    for place, name in enumerate(("tokens", "groups")):
        rows = torch.cat([batch[name] for batch in batches]).numpy()
        assert np.array_equal(rows, np.stack([window[place] for window in windows]))


def test_a_later_first_step_sees_what_it_would_have_seen(data: WindowData) -> None:
    whole = list(data.train_dataloader())
    data.sampler.first = 4
    for late, expected in zip(data.train_dataloader(), whole[4:], strict=True):
        assert torch.equal(late["tokens"], expected["tokens"])


def test_every_validation_window_is_shown_once_in_order(data: WindowData) -> None:
    rows = torch.cat([batch["tokens"] for batch in data.val_dataloader()]).numpy()
    expected = [data.validation[number][0] for number in range(len(data.validation))]
    assert np.array_equal(rows, np.stack(expected))
