"""Several processes share each global batch: the same curve as one process, to float noise."""

import csv
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from conftest import Outputs
from waiting import PATIENCE, free_port, wait_until

PYTHON = [sys.executable]
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
STAGE = ["-m", "xuxie.train", "experiment=smoke", "track.enabled=false", "train.precision=fp32"]
FSDP = ["train.devices=2", "train.strategy=fsdp"]
# Ray's own processes take a minute and more to start beside other work.
LONG = 5 * PATIENCE
ADAMW = ("train.optimizer.kind=adamw", "train.optimizer.matrix_rate=0.001")
# `local` is a cluster that Ray starts on this machine and ends with the stage.
CLUSTER = ["engine=ray", "engine.address=local", "train.devices=2"]
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


def start(
    folder: Path, launcher: list[str], *words: str, **environment: str
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*launcher, *STAGE, *SHORT, *words],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def trained(folder: Path, launcher: list[str], *words: str) -> tuple[list[float], Path]:
    """The curve as one list, and the weights."""
    process = start(folder, launcher, *words)
    output, _ = process.communicate(timeout=LONG)
    assert process.returncode == 0, output
    return results(folder)


def results(folder: Path) -> tuple[list[float], Path]:
    with (folder / "scratch/plots/train/loss.csv").open() as file:
        curve = [float(value) for row in csv.reader(file) for value in row if value[0].isdigit()]
    weights = folder / f"weights{len(list(folder.glob('weights*')))}"
    shutil.copy(folder / "scratch/models/gpt/model.safetensors", weights)
    return curve, weights


def stopped(folder: Path, number: signal.Signals, code: int, *words: str) -> str:
    """What a training says to which this signal is sent after a checkpoint."""
    process = start(folder, PYTHON, *words, "train.checkpoint_seconds=0")
    wait_until(lambda: any((folder / "runs/train").glob("*/step-*/COMPLETE")), LONG)
    process.send_signal(number)
    output, _ = process.communicate(timeout=LONG)
    assert process.returncode == code
    return output


@contextmanager
def tasks(folder: Path, number: int, *words: str) -> "Iterator[list[subprocess.Popen[str]]]":
    """Processes with the variables that SLURM sets for the tasks of a step on one node."""
    step = {
        "SLURM_JOB_ID": str(free_port() % 10_000),  # Lightning makes the port of it
        "SLURM_NTASKS": str(number),
        "SLURM_NTASKS_PER_NODE": str(number),
        "SLURM_NNODES": "1",
        "SLURM_NODEID": "0",
        "SLURM_NODELIST": "127.0.0.1",
    }
    places = [{"SLURM_PROCID": str(task), "SLURM_LOCALID": str(task)} for task in range(number)]
    processes = [start(folder, PYTHON, *words, **step, **place) for place in places]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()


def ray_python() -> str:
    """An interpreter that has Ray beside the rest: an extra, which most have in no environment."""
    python = os.environ.get("XUXIE_RAY_PYTHON", sys.executable)
    found = subprocess.run([python, "-c", "import ray.train.lightning"], capture_output=True)
    assert found.returncode == 0, (
        "this test needs Ray: set XUXIE_RAY_PYTHON to the python of an environment made by"
        " pip install 'xuxie[ray]'"
    )
    return python


def assert_same(weights: Path, others: Path) -> None:
    ours, theirs = load_file(weights), load_file(others)
    assert ours.keys() == theirs.keys()
    for name, weight in ours.items():
        # The gradient of the keys' bias is zero but for rounding, which AdamW blows up.
        if not name.endswith("c_attn.bias"):
            # Measured: up to 2.1e-4, a hundredth of a step of a rare token's embedding.
            torch.testing.assert_close(weight, theirs[name], atol=5e-4, rtol=0)


@pytest.mark.parametrize(
    "launcher", [PYTHON, pytest.param(TORCHRUN, marks=pytest.mark.slow)], ids=["ours", "torchrun"]
)
def test_two_processes_learn_what_one_learns(folder: Path, launcher: list[str]) -> None:
    one, alone = trained(folder, PYTHON)
    two, together = trained(folder, launcher, "train.devices=2")
    assert two == pytest.approx(one, rel=1e-5)
    assert_same(together, alone)


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ADAMW, ("train.recompute=true",)], ids=" ".join)
def test_processes_that_divide_the_weights_learn_what_one_learns(
    folder: Path, words: tuple[str, ...]
) -> None:
    one, alone = trained(folder, PYTHON, "train.accumulate=2", *words)
    two, together = trained(folder, PYTHON, "train.accumulate=2", *words, *FSDP)
    assert two == pytest.approx(one, rel=1e-5)
    assert_same(together, alone)
    model = AutoModelForCausalLM.from_pretrained(folder / "scratch/models/gpt")
    assert all(weight.isfinite().all() for weight in model.parameters())


@pytest.mark.slow
def test_the_tasks_of_slurm_learn_what_one_process_learns(folder: Path) -> None:
    one, alone = trained(folder, PYTHON)
    with tasks(folder, 2, "train.devices=2") as (first, second):
        output, _ = first.communicate(timeout=LONG)
        second.communicate(timeout=LONG)
        assert (first.returncode, second.returncode) == (0, 0), output
    two, together = results(folder)
    assert two == pytest.approx(one, rel=1e-5)
    assert_same(together, alone)


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("train.num_nodes=2",), ("train.devices=4",)], ids=" ".join)
def test_other_tasks_than_configured_are_refused(folder: Path, words: tuple[str, ...]) -> None:
    with tasks(folder, 2, *words) as processes:
        for process in processes:
            output, _ = process.communicate(timeout=LONG)
            assert process.returncode == 64
            assert "train.num_nodes" in output


@pytest.mark.slow
def test_the_workers_of_a_cluster_learn_what_one_process_learns(folder: Path) -> None:
    one, alone = trained(folder, PYTHON)
    two, together = trained(folder, [ray_python()], *CLUSTER)
    assert two == pytest.approx(one, rel=1e-5)
    assert_same(together, alone)


@pytest.mark.slow
def test_the_workers_of_a_cluster_stop_and_go_on(folder: Path) -> None:
    words = (*CLUSTER, "train.epochs=6")
    whole, _ = trained(folder, PYTHON, "train.epochs=6")
    shutil.rmtree(folder / "scratch")
    process = start(folder, [ray_python()], *words, "train.checkpoint_seconds=0")
    wait_until(lambda: any((folder / "runs/train").glob("*/step-*/COMPLETE")), LONG)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=LONG)
    assert process.returncode == 143
    assert "is kept: dvc repro goes on from there" in output
    assert not (folder / "scratch/models/gpt/COMPLETE").exists()
    assert trained(folder, [ray_python()], *words)[0] == pytest.approx(whole, rel=1e-5)


@pytest.mark.slow
def test_a_refusal_in_a_cluster_is_told_here(folder: Path) -> None:
    output, _ = start(folder, [ray_python()], *CLUSTER, "train.batch=3").communicate(timeout=LONG)
    assert "train.batch = 3 is not a multiple of the 2 processes" in output


@pytest.mark.slow
def test_two_processes_stop_at_the_same_step_and_go_on(folder: Path) -> None:
    words = ("train.devices=2", "train.epochs=6")
    whole, _ = trained(folder, PYTHON, *words)
    output = stopped(folder, signal.SIGTERM, 143, *words)
    assert "Traceback" not in output
    assert "is kept: dvc repro goes on from there" in output
    # Not the same bits: torch lays out the gradients anew after the first step of a process.
    assert trained(folder, PYTHON, *words)[0] == pytest.approx(whole, rel=1e-5)


@pytest.mark.slow
def test_processes_that_divide_the_weights_are_killed_and_go_on(folder: Path) -> None:
    whole, weights = trained(folder, PYTHON, "train.epochs=6")
    shutil.rmtree(folder / "scratch")
    stopped(folder, signal.SIGKILL, -9, *FSDP, "train.epochs=6")
    curve, resumed = trained(folder, PYTHON, *FSDP, "train.epochs=6")
    assert curve == pytest.approx(whole, rel=1e-5)
    assert_same(resumed, weights)


@pytest.mark.slow
def test_a_batch_that_cannot_be_shared_is_refused(folder: Path) -> None:
    process = start(folder, PYTHON, "train.devices=2", "train.batch=3")
    output, _ = process.communicate(timeout=LONG)
    assert process.returncode == 64
    assert "train.batch = 3 is not a multiple of the 2 processes" in output


@pytest.mark.slow
def test_another_number_of_processes_than_configured_is_refused(folder: Path) -> None:
    output, _ = start(folder, TORCHRUN).communicate(timeout=LONG)
    assert "2 processes were started and train.devices x train.num_nodes = 1" in output
