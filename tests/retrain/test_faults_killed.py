"""Retrainings that are struck: the next one finishes the work, with the same bytes.

Each row is a real `xuxie retrain` on a real project: processes, git, DVC and MLflow. The
identifiers are those of the table of faults in docs/retrain.md.
"""

import os
import random
import signal
import time

import pytest

from faults_table import SEED
from night import Night, struck
from xuxie.errors import ExitCode

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("killed")]


@pytest.mark.parametrize("stage", ["ingest", "split", "evaluate", "generate"])
def test_k1_killed_in_a_stage(night: Night, stage: str) -> None:
    before, process = night.user_files(), night.start()
    night.at(process, stage)
    struck(process)
    assert "going on with retraining" in night.retrain()
    night.made_as_undisturbed()
    night.is_whole()
    assert night.user_files() == before


def test_k1_killed_in_training_at_random_moments(night: Night) -> None:
    """Three times in one retraining; each time it goes on from the last checkpoint."""
    chance = random.Random(SEED)
    for _ in range(3):
        process = night.start()
        night.training(process)
        time.sleep(chance.random())
        struck(process)
    night.retrain()
    assert "training goes on from step" in night.log()
    night.made_as_undisturbed()
    night.is_whole()


def test_k2_the_worker_is_killed(night: Night) -> None:
    process = night.start()
    night.training(process)
    for number, line in night.processes().items():
        if "xuxie.train" in line:
            os.kill(number, signal.SIGKILL)
    said, _ = process.communicate()
    assert process.returncode == ExitCode.DATA, said
    assert "failed in stage train" in said
    night.retrain()
    night.made_as_undisturbed()
    night.is_whole()


def test_k6_an_orphan_that_wakes_up_writes_nothing(night: Night) -> None:
    """Its training stood still while its launcher was killed; the next run ends it first."""
    process = night.start()
    night.training(process)
    orphans = [n for n, line in night.processes().items() if "xuxie.train" in line]
    for number in orphans:
        os.kill(number, signal.SIGSTOP)
    struck(process)
    said = night.start()
    time.sleep(2)
    for number in orphans:
        os.kill(number, signal.SIGCONT)
    output, _ = said.communicate()
    assert said.returncode == 0, output
    night.made_as_undisturbed()
    night.is_whole()


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, ExitCode.TERMINATED), (signal.SIGINT, ExitCode.INTERRUPTED)],
)
def test_k7_k8_asked_to_stop(night: Night, number: signal.Signals, code: ExitCode) -> None:
    process = night.start()
    night.training(process)
    process.send_signal(number)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert night.processes() == {}
    night.retrain()
    assert "training goes on from step" in night.log()
    night.made_as_undisturbed()
    night.is_whole()
