"""What a pretrained model scores before its first step, and training that makes it worse."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from conftest import Outputs

Train = Callable[..., Path]
FINETUNE = ("experiment=finetune", "train.precision=fp32", "train.epochs=0.5")
# Downhill so slowly, and uphill so fast.
GENTLE, HARSH = (
    [f"train.optimizer.{name}={rate}" for name in ("matrix_rate", "embedding_rate", "rate")]
    for rate in (0.0003, 0.1)
)


def trained(train: Train, outputs: Outputs, rates: list[str]) -> tuple[dict[str, float], Path]:
    """Scores on val, and the folder of the stage's outputs."""
    folder = train(*FINETUNE, *rates, pretrained=outputs.model)
    scores: dict[str, float] = json.loads((folder / "train.json").read_text())["val"]
    return scores, folder


def test_the_score_before_the_first_step_is_told(train: Train, outputs: Outputs) -> None:
    scores, folder = trained(train, outputs, GENTLE)
    with (folder / "loss.csv").open() as file:
        first = next(csv.DictReader(file))
    assert (first["tokens"], first["train"]) == ("0", "")
    assert float(first["val"]) == scores["before_training"]
    before = json.loads((outputs.folder / "train.json").read_text())["val"]["bits_per_character"]
    assert scores["before_training"] == pytest.approx(before, rel=1e-4)
    assert scores["bits_per_character"] < scores["before_training"]


def test_training_that_makes_a_model_worse_leaves_it_as_it_was(
    train: Train, outputs: Outputs, capsys: pytest.CaptureFixture[str]
) -> None:
    scores, folder = trained(train, outputs, HARSH)
    assert scores["bits_per_character"] == scores["before_training"]
    start, end = (load_file(m / "model.safetensors") for m in (outputs.model, folder / "model"))
    assert all(torch.equal(start[name], end[name]) for name in start)
    assert "training did not make the model better" in capsys.readouterr().out
