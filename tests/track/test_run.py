"""What a stage tells its run, as it arrives in a real MLflow store."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run as MlflowRun

from xuxie.errors import Refusal
from xuxie.store.journal import append
from xuxie.track.place import logs
from xuxie.track.run import Run, joined_run, training_run
from xuxie.track.sender import send, send_waiting
from xuxie.track.settings import TrackSettings

TRACKING = TrackSettings(
    enabled=True,
    experiment="trials",
    model="voice",
    price_per_cpu_hour=None,
    price_per_gpu_hour=None,
    currency="CNY",
)
NOBODY = "http://127.0.0.1:9"


@contextmanager
def training(name: str = "first") -> Iterator[Run]:
    told = {"params": {"train.seed": 1}, "tags": {"who": "us"}}
    with training_run(TRACKING, name=name, key=name, **told) as run:
        yield run


def runs(client: MlflowClient) -> list[MlflowRun]:
    found = client.get_experiment_by_name("trials")
    return list(client.search_runs([found.experiment_id])) if found else []


def test_a_training_arrives_with_its_parameters_tags_and_curves(client: MlflowClient) -> None:
    with training() as run:
        for step in (10, 20, 30):
            run.metrics({"val/bits_per_character": 6.0 - step / 10}, step=step)
    [arrived] = runs(client)
    assert arrived.info.run_name == "first"
    assert arrived.info.status == "FINISHED"
    assert arrived.data.params == {"train.seed": "1"}
    assert arrived.data.tags["who"] == "us"
    curve = client.get_metric_history(arrived.info.run_id, "val/bits_per_character")
    assert [(point.step, point.value) for point in curve] == [(10, 5.0), (20, 4.0), (30, 3.0)]


@pytest.mark.parametrize(("error", "status"), [(ValueError, "FAILED"), (SystemExit, "KILLED")])
def test_a_training_that_ends_badly_is_marked(
    client: MlflowClient, error: type[BaseException], status: str
) -> None:
    with pytest.raises(error), training():
        raise error
    assert [run.info.status for run in runs(client)] == [status]


def test_evaluate_joins_the_run_that_trained_the_model(client: MlflowClient) -> None:
    with training() as run:
        run.tags({"xuxie.fingerprint": "f00d"})
    for value in (4.2, 4.1):  # evaluated again: updated, not refused
        with joined_run(TRACKING, "evaluate", "f00d") as joined:
            joined.metrics({"test/all": value})
    [arrived] = runs(client)
    assert arrived.data.metrics["test/all"] == 4.1
    assert arrived.info.status == "FINISHED"


def test_a_model_from_elsewhere_makes_no_phantom_run(
    client: MlflowClient, capsys: pytest.CaptureFixture[str]
) -> None:
    with joined_run(TRACKING, "evaluate", "unknown") as joined:
        joined.metrics({"test/all": 4.2})
    assert runs(client) == []
    assert "MLflow has no run of this model" in capsys.readouterr().out


def test_artifacts_lie_beside_the_database(client: MlflowClient, project: Path) -> None:
    (project / "report.html").write_text("四点二")
    with training() as run:
        run.artifact(project / "report.html", "report")
    [arrived] = runs(client)
    [kept] = (project / "mlartifacts").rglob("report.html")
    assert kept.read_text() == "四点二"
    assert [found.path for found in client.list_artifacts(arrived.info.run_id, "report")] == [
        "report/report.html"
    ]


def test_nothing_is_kept_where_tracking_is_off(project: Path) -> None:
    off = TRACKING.model_copy(update={"enabled": False})
    with training_run(off, name="none", params={}, tags={}, key="none") as run:
        run.metrics({"loss": 1.0})
    assert not logs().exists()
    assert not (project / "mlartifacts").exists()


def test_an_outage_loses_nothing_and_doubles_nothing(
    client: MlflowClient,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with monkeypatch.context() as outage:
        outage.setenv("MLFLOW_TRACKING_URI", NOBODY)
        with training() as run:
            run.metrics({"loss": 2.0}, step=1)
        with pytest.raises(Refusal, match="MLFLOW_TRACKING_URI"):
            send_waiting("trials")
    assert "xuxie sync" in capsys.readouterr().out
    assert send_waiting("trials") == 1
    assert send_waiting("trials") == 0
    [arrived] = runs(client)
    assert arrived.info.status == "FINISHED"
    assert len(client.get_metric_history(arrived.info.run_id, "loss")) == 1


def test_a_log_that_was_half_sent_goes_on_where_it_stopped(client: MlflowClient) -> None:
    with training() as run:
        run.metrics({"loss": 2.0}, step=1)
    assert run.folder is not None
    append(
        run.folder / "events.jsonl",
        {"kind": "metrics", "time": 2**41, "values": {"loss": 1.0}, "step": 2},
    )
    run_id = send(run.folder, "trials", lambda: False)
    assert [point.step for point in client.get_metric_history(str(run_id), "loss")] == [1, 2]
    assert len(runs(client)) == 1


def test_a_run_that_did_not_finish_goes_on_without_doubled_points(client: MlflowClient) -> None:
    with pytest.raises(SystemExit), training() as run:
        for step in (1, 2, 3):
            run.metrics({"loss": 4.0 - step}, step=step)
        raise SystemExit
    with training() as run:  # from the checkpoint of step 1 on
        for step in (2, 3, 4):
            run.metrics({"loss": 4.0 - step}, step=step)
    [arrived] = runs(client)
    assert arrived.info.status == "FINISHED"
    curve = client.get_metric_history(arrived.info.run_id, "loss")
    assert [(point.step, point.value) for point in curve] == [(1, 3), (2, 2), (3, 1), (4, 0)]


def test_a_finished_training_done_again_is_another_run(client: MlflowClient) -> None:
    for _ in range(2):
        with training() as run:
            run.metrics({"loss": 1.0}, step=1)
    assert [run.info.status for run in runs(client)] == ["FINISHED", "FINISHED"]
