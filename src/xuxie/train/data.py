"""Lightning's view of the windows: batches numbered by step, nothing to remember between them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from xuxie.errors import bad_parameters
from xuxie.train.windows import Array, TrainWindows, ValidationWindows

Batch = dict[str, Tensor]


class StepSampler:
    """The numbers of this process's windows of each batch, from batch `first` to the last.

    The global batch is the same whatever the number of processes: each takes a part of it.

    Args:
        batch: windows of the global batch; a multiple of `processes`.
    """

    def __init__(self, batch: int, batches: int) -> None:
        self.batch, self.batches, self.first = batch, batches, 0
        self.process, self.processes = 0, 1

    def __len__(self) -> int:
        return self.batches - self.first

    def __iter__(self) -> Iterator[range]:
        part = self.batch // self.processes
        for number in range(self.first, self.batches):
            begin = number * self.batch + self.process * part
            yield range(begin, begin + part)


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

    def setup(self, stage: str) -> None:  # noqa: ARG002 - named by Lightning
        trainer = self.trainer
        assert trainer is not None
        self.sampler.process, self.sampler.processes = trainer.global_rank, trainer.world_size
        if self.batch % trainer.world_size:
            raise bad_parameters(
                f"train.batch = {self.batch} 不能被进程数 {trainer.world_size} 整除",
                f"train.batch = {self.batch} is not a multiple of the"
                f" {trainer.world_size} processes",
            )

    def train_dataloader(self) -> DataLoader[Any]:
        return DataLoader(
            WindowDataset(self.train),
            # torch types this as lists of numbers and takes any sequence.
            batch_sampler=self.sampler,  # type: ignore[arg-type]
            collate_fn=collate,
        )

    def collated(self, numbers: range) -> Batch:
        """The batch of these train windows."""
        return collate([self.train[number] for number in numbers])

    def val_dataloader(self) -> DataLoader[Any]:
        numbers = range(self.sampler.process, len(self.validation), self.sampler.processes)
        return DataLoader(
            WindowDataset(self.validation),
            sampler=numbers,
            batch_size=max(1, self.batch // self.sampler.processes),
            collate_fn=collate,
        )
