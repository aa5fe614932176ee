"""transformers' Trainer as its example run_clm.py sets it: `training.py`, `time_to_score.py`.

From examples/pytorch/language-modeling/run_clm.py: the texts' tokens end to end, cut into blocks;
`AutoModelForCausalLM.from_config`, so GPT2Config's dropout of 0.1 and gelu_new; TrainingArguments'
own AdamW at 5e-5 with linear decay, fp32, clipping at 1; `default_data_collator`. Runs in an
environment that has torch, transformers, accelerate and numpy.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rounds import Rounds
from shapes import SHAPES, Shape
from torch import Tensor
from torch.utils.data import Dataset
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    default_data_collator,
)


class Blocks(Dataset[dict[str, list[int]]]):
    """run_clm's group_texts: equal blocks of all tokens, the remainder dropped."""

    def __init__(self, tokens: Path, length: int) -> None:
        flat = np.load(tokens / "train.tokens.npy", mmap_mode="r")
        self.rows = flat[: len(flat) // length * length].reshape(-1, length)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> dict[str, list[int]]:
        row = self.rows[place].tolist()
        return {"input_ids": row, "attention_mask": [1] * len(row), "labels": list(row)}


class Told(TrainerCallback):
    def __init__(self, rounds: Rounds) -> None:
        self.rounds, self.loss = rounds, 0.0

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.rounds.step(self.loss)


class Watched(Trainer):
    """Trainer, and the last loss for the record."""

    def training_step(self, *arguments: Any, **named: Any) -> Tensor:
        loss: Tensor = super().training_step(*arguments, **named)
        for callback in self.callback_handler.callbacks:
            if isinstance(callback, Told):
                callback.loss = float(loss)
        return loss


def model(shape: Shape) -> Any:
    return AutoModelForCausalLM.from_config(
        GPT2Config(
            vocab_size=shape.vocabulary,
            n_positions=shape.context,
            n_embd=shape.width,
            n_layer=shape.layers,
            n_head=shape.heads,
        )
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", required=True, choices=SHAPES)
    parser.add_argument("--tokens", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--rate", type=float, default=5e-5, help="TrainingArguments' own")
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--steps", type=int, help="of a round, in turns with other trainings")
    length.add_argument("--total", type=int, help="steps in all; the model is left in --work")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    shape = SHAPES[given.shape]
    torch.set_num_threads(given.threads)
    chosen = TrainingArguments(
        output_dir=str(given.work),
        per_device_train_batch_size=shape.batch,
        learning_rate=given.rate,
        num_train_epochs=100,
        max_steps=given.total or -1,
        save_strategy="no",
        report_to="none",
        use_cpu=True,
    )
    trainer = Watched(
        model(shape),
        chosen,
        train_dataset=Blocks(given.tokens, shape.context),
        data_collator=default_data_collator,
        callbacks=[Told(Rounds(given.steps))] if given.steps else [],
    )
    trainer.train()
    trainer.save_model(str(given.work))


if __name__ == "__main__":
    main()
