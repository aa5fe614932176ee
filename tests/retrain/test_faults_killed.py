"""Retrainings that are struck: the next one finishes the work, with the same bytes.

Each row is a real `xuxie retrain` on a real project: processes, git, DVC and MLflow. The
identifiers are those of the table of faults in docs/retrain.md.
"""

import os
import random
import signal
import tempfile
import time
from pathlib import Path

import pytest

from faults_table import SEED
from night import RETRAIN, TRAINING, TREE, Night, struck
from xuxie.errors import ExitCode

pytestmark = [pytest.mark.nightly, pytest.mark.xdist_group("killed")]


@pytest.mark.fault("K1")
@pytest.mark.parametrize("stage", ["ingest", "split"])
def test_killed_in_a_stage(night: Night, stage: str) -> None:
    goes_on_after_a_kill_in(stage, night)


@pytest.mark.fault("K1")
@pytest.mark.parametrize("stage", ["evaluate", "generate"])
def test_killed_in_a_stage_after_training(training: Night, stage: str) -> None:
    goes_on_after_a_kill_in(stage, training)


def goes_on_after_a_kill_in(stage: str, night: Night) -> None:
    before, process = night.user_files(), night.start()
    night.at(process, stage)
    struck(process)
    assert "going on with retraining" in night.retrain()
    night.made_as_undisturbed()
    night.is_whole()
    assert night.user_files() == before


@pytest.mark.fault("K1")
def test_killed_in_training_at_random_moments(training: Night) -> None:
    """Three times in one retraining; each time it goes on from the last checkpoint."""
    chance = random.Random(SEED)
    for _ in range(3):
        process = training.start()
        training.saved(process)
        time.sleep(chance.random())
        struck(process)
    training.retrain()
    assert "training goes on from step" in training.log()
    training.made_as_undisturbed()
    training.is_whole()


@pytest.mark.fault("D3")
def test_killed_with_temporary_files_on_another_file_system(training: Night) -> None:
    """What is written there and moved would be no rename: checkpoints are written in place."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        assert Path(elsewhere).stat().st_dev != training.folder.stat().st_dev
        process = training.start(TMPDIR=elsewhere)
        training.saved(process)
        struck(process)
        training.retrain(TMPDIR=elsewhere)
    assert "training goes on from step" in training.log()
    training.made_as_undisturbed()
    training.is_whole()


@pytest.mark.fault("K2")
def test_the_worker_is_killed(training: Night) -> None:
    process = training.start()
    training.saved(process)
    for number, line in training.processes().items():
        if "xuxie.train" in line:
            os.kill(number, signal.SIGKILL)
    said, _ = process.communicate()
    assert process.returncode == ExitCode.DATA, said
    assert "failed in stage train" in said
    training.retrain()
    training.made_as_undisturbed()
    training.is_whole()


@pytest.mark.fault("K6")
def test_an_orphan_that_wakes_up_writes_nothing(training: Night) -> None:
    """Its training stood still while its launcher was killed; the next run ends it first."""
    process = training.start()
    training.saved(process)
    orphans = [n for n, line in training.processes().items() if "xuxie.train" in line]
    for number in orphans:
        os.kill(number, signal.SIGSTOP)
    struck(process)
    said = training.start()
    time.sleep(2)
    for number in orphans:
        os.kill(number, signal.SIGCONT)
    output, _ = said.communicate()
    assert said.returncode == 0, output
    training.made_as_undisturbed()
    training.is_whole()


@pytest.mark.fault("K7", "K8")
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, ExitCode.TERMINATED), (signal.SIGINT, ExitCode.INTERRUPTED)],
)
def test_asked_to_stop(training: Night, number: signal.Signals, code: ExitCode) -> None:
    process = training.start()
    training.saved(process)
    process.send_signal(number)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert training.processes() == {}
    training.retrain()
    assert "training goes on from step" in training.log()
    training.made_as_undisturbed()
    training.is_whole()


# Under a file system of its own in the place of the project, that is filled at some moment.
FULL = """\
set -e
mount -t tmpfs -o size=128m tmpfs "$PROJECT"
cp -a "../$STATE/." "$PROJECT"
cd "$PROJECT"
(until ls $MOMENT; do sleep 0.05; done; cat /dev/zero > runs/ballast) > /dev/null 2>&1 &
"$@" || echo "exit code $?"
rm runs/ballast
"$@"
cp -a "$PROJECT" "../$AFTER"
"""


@pytest.mark.fault("D1")
@pytest.mark.parametrize("moment", ["runs", f"{TREE}/runs/train/*/step-*/COMPLETE"])
def test_the_file_system_is_full(training: Night, moment: str) -> None:
    """From the beginning, and as soon as the training has saved something."""
    after = f"after-{len(moment)}"
    process = training.checkout.start(
        *("unshare", "--map-root-user", "--mount", "bash", "-c", FULL, "bash", *RETRAIN),
        PROJECT=str(training.folder),
        STATE=TRAINING,
        AFTER=after,
        MOMENT=moment,
    )
    said, _ = process.communicate()
    assert process.returncode == 0, said
    assert f"exit code {ExitCode.STORAGE}" in said
    assert "free some disk" in said
    assert "Traceback" not in said
    training.go_back(after)
    training.made_as_undisturbed()
    training.is_whole()


@pytest.mark.fault("D2")
@pytest.mark.parametrize("kib", [100, 1000])
def test_no_file_may_grow_larger(training: Night, kib: int) -> None:
    """As on a full disk: MLflow's database is stopped by one limit, the checkpoints by both."""
    limited = training.checkout.start("prlimit", f"--fsize={kib << 10}", *RETRAIN)
    said, _ = limited.communicate()
    assert limited.returncode == ExitCode.STORAGE, said
    assert "free some disk" in said
    assert "Traceback" not in said
    training.retrain()
    training.made_as_undisturbed()
    training.is_whole()
