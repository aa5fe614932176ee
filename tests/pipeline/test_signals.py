"""Stopped in the middle: a non-zero exit, nothing that looks finished, the run marked in MLflow."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from checkout import Checkout
from waiting import PATIENCE, wait_until
from xuxie.store.manifest import sha256_of

STAGE = (
    "python -m xuxie.train --tokens data/tokens --tokenizer models/tokenizer"
    " --pretrained models/pretrained --out scratch/gpt --metrics scratch/train.json"
    " --curves scratch/loss.csv"
)


def training(project: Checkout) -> bool:
    """Whether the youngest run has told its first metrics."""
    logs = sorted((project.folder / "runs/tracking").glob("*-train-*/events.jsonl"))
    return bool(logs) and '"kind": "metrics"' in logs[-1].read_text()


@pytest.fixture
def endless(project: Checkout) -> Checkout:
    """A project whose training would take hours."""
    project.edit("conf/experiment/smoke.yaml", "epochs: 0.5", "epochs: 5000.0")
    for log in (project.folder / "runs/tracking").glob("*-train-*"):
        log.rename(log.with_name(log.name.replace("train", "old")))
    return project


def statuses(project: Checkout) -> list[str]:
    """Of the runs in MLflow, the youngest first."""
    return [s for (s,) in project.query("SELECT status FROM runs ORDER BY start_time DESC")]


@pytest.mark.fault("K7")
def test_a_stopped_training_leaves_no_model_and_a_killed_run(endless: Checkout) -> None:
    endless.run("dvc", "repro", "params")
    process = endless.start(*STAGE.split(), PYTHONPATH="src")
    wait_until(lambda: training(endless))
    process.terminate()
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
    assert "Traceback" not in output
    assert "is kept: dvc repro goes on from there" in output
    assert list((endless.folder / "scratch").glob("*gpt*")) == []
    assert statuses(endless)[0] == "KILLED"


def test_what_was_killed_goes_on_with_the_next_repro_to_the_same_bytes(project: Checkout) -> None:
    project.edit(
        "conf/experiment/smoke.yaml", "epochs: 0.5", "epochs: 20.0\n  checkpoint_seconds: 0.2"
    )
    project.run("dvc", "repro", "train")
    whole = sha256_of(project.folder / "models/gpt/model.safetensors")
    for log in (project.folder / "runs/tracking").glob("*-train-*"):
        log.rename(log.with_name(log.name.replace("train", "old")))
    shutil.rmtree(project.folder / "runs/train", ignore_errors=True)
    process = project.start("dvc", "repro", "--force", "--single-item", "train")
    wait_until(lambda: any((project.folder / "runs/train").glob("*/step-*/COMPLETE")))
    os.kill(processes_of(project.folder)[0], signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    output = project.run("dvc", "repro", "--force", "--single-item", "train").stdout
    assert "training goes on from step" in output
    assert sha256_of(project.folder / "models/gpt/model.safetensors") == whole
    assert statuses(project)[0] == "FINISHED"
    points = project.query(
        "SELECT count(*), count(DISTINCT step) FROM metrics WHERE key = 'train/bits_per_character'"
        " AND run_uuid = (SELECT run_uuid FROM runs ORDER BY start_time DESC LIMIT 1)"
    )
    assert points[0][0] == points[0][1] > 10


def test_beside_a_stopped_process_no_other_one_writes(endless: Checkout) -> None:
    endless.run("dvc", "repro", "params")
    process = endless.start(*STAGE.split(), PYTHONPATH="src")
    wait_until(lambda: training(endless))
    process.send_signal(signal.SIGSTOP)
    busy = endless.run(*STAGE.split(), code=75, PYTHONPATH="src")
    assert f"in use by process {process.pid}" in busy.stderr
    process.send_signal(signal.SIGCONT)
    for _ in range(2):  # the second changes nothing
        process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
    assert "is kept: dvc repro goes on from there" in output


def test_ctrl_c_under_dvc_commits_nothing_as_finished(endless: Checkout) -> None:
    process = endless.start("dvc", "repro")
    wait_until(lambda: training(endless))
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert "stopped; no result was written" in output
    assert "Traceback" not in output
    wait_until(lambda: statuses(endless)[0] == "KILLED")
    assert not (endless.folder / "models/gpt/COMPLETE").exists()
    assert "models/gpt" in endless.run("dvc", "status").stdout


@pytest.mark.fault("K1")
def test_a_training_dies_with_the_dvc_that_started_it(endless: Checkout) -> None:
    process = endless.start("dvc", "repro")
    wait_until(lambda: training(endless))
    [worker] = processes_of(endless.folder)
    process.kill()
    wait_until(lambda: not Path(f"/proc/{worker}").exists())
    process.communicate()
    assert statuses(endless)[0] == "KILLED"


def processes_of(folder: Path) -> list[int]:
    """Training processes whose working directory is `folder`."""
    return [
        int(path.name)
        for path in Path("/proc").glob("[0-9]*")
        if b"xuxie.train" in read(path / "cmdline") and (path / "cwd").resolve() == folder.resolve()
    ]


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it ended meanwhile
        return b""
