"""Several processes share each global batch: the same curve as one process, to float noise."""

import csv
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from conftest import Outputs
from waiting import PATIENCE, wait_until

PYTHON = [sys.executable]
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
STAGE = ["-m", "xuxie.train", "experiment=smoke", "track.enabled=false", "train.precision=fp32"]
SHORT = ["train.batch=4", "train.epochs=2", "train.validations=2", "train.threads=1"]


@pytest.fixture
def folder(outputs: Outputs, root: Path, tmp_path: Path) -> Path:
    """A project with finished tokens, where the stage can be run by hand."""
    shutil.copytree(root / "conf", tmp_path / "conf")
    shutil.copy(root / "dvc.yaml", tmp_path)
    for name, made in (("tokens", outputs.tokens), ("tokenizer", outputs.tokenizer)):
        place = tmp_path / ("data" if name == "tokens" else "models") / name
        shutil.copytree(made, place)
    shutil.copytree(outputs.pretrained, tmp_path / "models/pretrained")
    return tmp_path


def start(folder: Path, launcher: list[str], *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*launcher, *STAGE, *SHORT, *words],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def trained(folder: Path, launcher: list[str], *words: str) -> tuple[list[float], Path]:
    """The curve as one list, and the weights."""
    process = start(folder, launcher, *words)
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, output
    with (folder / "scratch/plots/train/loss.csv").open() as file:
        curve = [float(value) for row in csv.reader(file) for value in row if value[0].isdigit()]
    weights = folder / f"weights{len(list(folder.glob('weights*')))}"
    shutil.copy(folder / "scratch/models/gpt/model.safetensors", weights)
    return curve, weights


@pytest.mark.parametrize(
    "launcher", [PYTHON, pytest.param(TORCHRUN, marks=pytest.mark.slow)], ids=["ours", "torchrun"]
)
def test_two_processes_learn_what_one_learns(folder: Path, launcher: list[str]) -> None:
    one, alone = trained(folder, PYTHON)
    two, together = trained(folder, launcher, "train.devices=2")
    assert two == pytest.approx(one, rel=1e-5)
    for name, weight in load_file(together).items():
        # The gradient of the keys' bias is zero but for rounding, which AdamW blows up.
        if not name.endswith("c_attn.bias"):
            torch.testing.assert_close(weight, load_file(alone)[name], atol=2e-4, rtol=0)


@pytest.mark.slow
def test_two_processes_stop_at_the_same_step_and_go_on(folder: Path) -> None:
    words = ("train.devices=2", "train.epochs=6")
    whole, _ = trained(folder, PYTHON, *words)
    process = start(folder, PYTHON, *words, "train.checkpoint_seconds=0")
    wait_until(lambda: any((folder / "runs/train").glob("*/step-*/COMPLETE")))
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
    assert "Traceback" not in output
    assert "is kept: dvc repro goes on from there" in output
    # Not the same bits: torch lays out the gradients anew after the first step of a process.
    assert trained(folder, PYTHON, *words)[0] == pytest.approx(whole, rel=1e-5)


@pytest.mark.slow
def test_a_batch_that_cannot_be_shared_is_refused(folder: Path) -> None:
    process = start(folder, PYTHON, "train.devices=2", "train.batch=3")
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 64
    assert "train.batch = 3 is not a multiple of the 2 processes" in output


@pytest.mark.slow
def test_another_number_of_processes_than_configured_is_refused(folder: Path) -> None:
    output, _ = start(folder, TORCHRUN).communicate(timeout=PATIENCE)
    assert "2 processes were started and train.devices x train.num_nodes = 1" in output
