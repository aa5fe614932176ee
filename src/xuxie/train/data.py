"""Lightning's view of the windows: batches numbered by step, nothing to remember between them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from xuxie.train.windows import Array, TrainWindows, ValidationWindows

Batch = dict[str, Tensor]


class StepSampler:
    """The numbers of the windows of each batch, from the trainer's current step to the last."""

    def __init__(self, batch: int, batches: int) -> None:
        self.batch, self.batches, self.first = batch, batches, 0

    def __len__(self) -> int:
        return self.batches - self.first

    def __iter__(self) -> Iterator[range]:
        for number in range(self.first, self.batches):
            yield range(number * self.batch, (number + 1) * self.batch)


class WindowDataset(Dataset[tuple[Array, Array]]):
    def __init__(self, windows: TrainWindows | ValidationWindows) -> None:
        self.windows = windows

    def __getitem__(self, number: int) -> tuple[Array, Array]:
        return self.windows[number]


def collate(windows: list[tuple[Array, Array]]) -> Batch:
    """Tokens and groups [batch, context + 1] of windows of one length."""
    tokens, groups = zip(*windows, strict=True)
    return {
        "tokens": torch.from_numpy(np.stack(tokens)),
        "groups": torch.from_numpy(np.stack(groups)),
    }


class WindowData(pl.LightningDataModule):
    """Train windows for `batches` batches, and every validation window."""

    def __init__(
        self, train: TrainWindows, validation: ValidationWindows, *, batch: int, batches: int
    ) -> None:
        super().__init__()
        self.train, self.validation = train, validation
        self.batch, self.sampler = batch, StepSampler(batch, batches)

    def train_dataloader(self) -> DataLoader[Any]:
        return DataLoader(
            WindowDataset(self.train),
            # torch types this as lists of numbers and takes any sequence.
            batch_sampler=self.sampler,  # type: ignore[arg-type]
            collate_fn=collate,
        )

    def val_dataloader(self) -> DataLoader[Any]:
        numbers = range(len(self.validation))
        return DataLoader(
            WindowDataset(self.validation),
            sampler=numbers,
            batch_size=self.batch,
            collate_fn=collate,
        )
