"""Batches that fit: planned from a budget, or named after memory ran out."""

import csv
import json
import re
import resource
from pathlib import Path

import pytest
from transformers import PreTrainedModel

from conftest import Outputs, Settings
from killed import Job, within
from xuxie.config import Config
from xuxie.errors import Refusal
from xuxie.model.architecture import build
from xuxie.train.memory import within_budget

SMOKE = ("experiment=smoke", "track.enabled=false", "train.precision=fp32")


@pytest.fixture(scope="module")
def chosen(settings: Settings) -> Config:
    return settings(*SMOKE, "train.batch=48", "train.accumulate=2")


@pytest.fixture(scope="module")
def model(chosen: Config) -> PreTrainedModel:
    return build(chosen.model, vocabulary=1000, boundary=0, seed=1)


@pytest.mark.parametrize(
    ("mib", "batch", "recompute"),
    [(None, 48, False), (1000, 48, False), (64, 48, False), (30, 24, False), (5, 3, True)],
)
def test_the_budget_decides_the_batch_and_the_global_batch_stays(
    chosen: Config, model: PreTrainedModel, mib: int | None, batch: int, recompute: bool
) -> None:
    asked = chosen.train.model_copy(update={"memory_mib": mib})
    planned = within_budget(asked, model, context=128)
    assert (planned.batch, planned.recompute) == (batch, recompute)
    assert planned.batch * planned.accumulate == 96


def test_a_budget_for_less_than_a_window_is_refused(chosen: Config, model: PreTrainedModel) -> None:
    asked = chosen.train.model_copy(update={"memory_mib": 2})
    with pytest.raises(Refusal, match=r"train\.memory_mib = 2 does not hold a single window"):
        within_budget(asked, model, context=128)


def job(outputs: Outputs, chosen: Config, folder: Path) -> Job:
    folder.mkdir()
    return Job(chosen, outputs.tokens, outputs.tokenizer, outputs.pretrained, folder)


def curve(folder: Path) -> list[float]:
    with (folder / "loss.csv").open() as file:
        return [float(value) for row in csv.reader(file) for value in row if value[0].isdigit()]


def test_recomputing_activations_changes_no_loss(
    outputs: Outputs, settings: Settings, tmp_path: Path
) -> None:
    curves = []
    for recompute in ("false", "true"):
        wanted = settings(*SMOKE, "train.epochs=2", f"train.recompute={recompute}")
        trained = job(outputs, wanted, tmp_path / recompute)
        trained.run()
        curves.append(curve(trained.folder))
    assert curves[0] == pytest.approx(curves[1], rel=1e-6)


def test_out_of_memory_names_a_batch_that_fits(
    outputs: Outputs, settings: Settings, tmp_path: Path
) -> None:
    huge = job(outputs, settings(*SMOKE, "train.batch=2048"), tmp_path / "huge")
    assert within(huge, resource.RLIMIT_AS, 700 << 20) == 64
    told = (huge.folder / "output").read_text()
    assert "Traceback" not in told
    assert not (huge.folder / "model").exists()
    named = re.search(r"set (train\.batch=\d+) (train\.accumulate=\d+) \(the same", told)
    assert named, told
    smaller = job(outputs, settings(*SMOKE, *named.groups()), tmp_path / "smaller")
    assert within(smaller, resource.RLIMIT_AS, 700 << 20) == 0
    facts = json.loads((smaller.folder / "train.json").read_text())
    assert facts["tokens"] == facts["steps"] * 2048 * 128
