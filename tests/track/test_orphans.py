"""Runs whose process died without a word, beside runs that are still being written."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from waiting import wait_until
from xuxie.track.run import joined_run, training_run
from xuxie.track.sender import send_waiting, unsent
from xuxie.track.settings import TrackSettings
from xuxie.track.spool import unfinished

# A training that is killed as by the kernel when memory runs out.
VICTIM = """
import os, signal, sys
from pathlib import Path
from xuxie.track.run import training_run
from xuxie.track.settings import TrackSettings
settings = TrackSettings.model_validate_json(sys.argv[1])
with training_run(settings, name="victim", params={}, tags={}, key="victim") as run:
    for step in (1, 2, 3):
        run.metrics({"loss": 4.0 - step}, step=step)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def victim(project: Path, tracking: TrackSettings) -> Path:
    """The log of a training that was killed."""
    del project
    done = subprocess.run([sys.executable, "-c", VICTIM, tracking.model_dump_json()], check=False)
    assert done.returncode == -9
    log = unfinished("victim")
    assert log is not None
    return log


def statuses(client: MlflowClient) -> dict[str, str]:
    found = client.get_experiment_by_name("trials")
    runs = client.search_runs([found.experiment_id]) if found else []
    return {run.info.run_name: run.info.status for run in runs}


def test_the_next_start_closes_the_dead_and_leaves_the_living(
    victim: Path, client: MlflowClient, tracking: TrackSettings
) -> None:
    with training_run(tracking, name="living", params={}, tags={}, key="living") as living:
        living.metrics({"loss": 1.0}, step=1)
        with joined_run(tracking, "evaluate", "nobody's"):
            pass
        wait_until(lambda: "living" in statuses(client))
        assert statuses(client) == {"victim": "KILLED", "living": "RUNNING"}
    assert statuses(client) == {"victim": "KILLED", "living": "FINISHED"}
    assert not unsent(victim)


def test_sync_closes_the_dead_at_the_time_of_their_last_word(
    victim: Path, client: MlflowClient
) -> None:
    last_word = (victim / "events.jsonl").stat().st_mtime
    assert send_waiting("trials") == 1
    assert send_waiting("trials") == 0
    [run] = client.search_runs([client.get_experiment_by_name("trials").experiment_id])
    assert run.info.status == "KILLED"
    assert "died" in run.data.tags["xuxie.ended"]
    assert abs(run.info.end_time / 1000 - last_word) < 1
    assert [point.step for point in client.get_metric_history(run.info.run_id, "loss")] == [1, 2, 3]


@pytest.mark.usefixtures("victim")
def test_a_dead_training_that_goes_on_is_the_same_run(
    client: MlflowClient, tracking: TrackSettings
) -> None:
    assert send_waiting("trials") == 1
    with training_run(tracking, name="victim", params={}, tags={}, key="victim") as run:
        run.metrics({"loss": 0.5}, step=4)
    assert statuses(client) == {"victim": "FINISHED"}


def test_a_half_line_of_the_dead_is_no_event(victim: Path, client: MlflowClient) -> None:
    with (victim / "events.jsonl").open("a") as log:
        log.write('{"kind": "metr')
    assert send_waiting("trials") == 1
    assert statuses(client) == {"victim": "KILLED"}


def test_two_trainings_of_one_key_at_once_are_two_runs(
    client: MlflowClient, tracking: TrackSettings
) -> None:
    told: dict[str, Any] = {"params": {}, "tags": {}, "key": "same"}
    with (
        training_run(tracking, name="first", **told),
        training_run(tracking, name="second", **told),
    ):
        pass
    assert statuses(client) == {"first": "FINISHED", "second": "FINISHED"}


def test_an_evaluation_waits_for_its_training_to_arrive(
    project: Path,
    client: MlflowClient,
    tracking: TrackSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as outage:
        outage.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
        with training_run(tracking, name="first", params={}, tags={}, key="first") as run:
            (project / "report.html").write_text("一")
            run.artifact(project / "report.html", "report")
            run.tags({"xuxie.fingerprint": "f00d"})
    (project / "report.html").write_text("replaced since")
    with joined_run(tracking, "evaluate", "f00d") as joined:
        joined.metrics({"test/all": 4.1})
        wait_until(lambda: joined.folder is not None and not unsent(joined.folder))
    [arrived] = client.search_runs([client.get_experiment_by_name("trials").experiment_id])
    assert arrived.data.metrics == {"test/all": 4.1}
    [kept] = (project / "mlartifacts").rglob("report.html")
    assert kept.read_text() == "一"
