"""Each kind of event as it stands in MLflow, also after it was carried out twice."""

import json
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run as MlflowRun

from xuxie.store.journal import append, entries
from xuxie.track.described import NOTE
from xuxie.track.run import training_run
from xuxie.track.sender import send, send_waiting
from xuxie.track.settings import TrackSettings

TOLD: dict[str, Any] = {"name": "first", "params": {"seed": 1}, "tags": {}, "key": "first"}


def runs(client: MlflowClient) -> list[MlflowRun]:
    found = client.get_experiment_by_name("trials")
    return list(client.search_runs([found.experiment_id], order_by=["attributes.start_time ASC"]))


def test_a_log_that_is_sent_twice_leaves_what_once_leaves(
    project: Path, client: MlflowClient, tracking: TrackSettings
) -> None:
    (project / "report.html").write_text("一")
    with training_run(tracking, **TOLD) as run:
        run.table("samples/samples.json", [{"prompt": "今天", "text": "很好。"}])
        run.dataset("data/tokens", "0123456789abcdef" * 2 + ".dir", "training", {"documents": 3})
        run.metrics({"loss": 1.0}, step=1)
        run.metrics({"loss": float("nan")}, step=2)
        run.artifact(project / "report.html", "report")
    assert run.folder is not None
    before = runs(client)[0].to_dictionary()
    (run.folder / "cursor.json").unlink()
    send(run.folder, "trials", lambda: False)
    [after] = runs(client)
    # The report itself is gone from the log once it has arrived.
    refused = [entry for entry, _ in entries(run.folder / "refused.jsonl")]
    assert [entry["event"]["kind"] for entry in refused] == ["artifact"]
    assert str(after.to_dictionary()) == str(before)
    assert [p.step for p in client.get_metric_history(after.info.run_id, "loss")] == [1, 2]


def test_a_table_and_a_dataset_are_what_the_ui_looks_for(
    project: Path, client: MlflowClient, tracking: TrackSettings
) -> None:
    digest = "0123456789abcdef" * 2 + ".dir"
    with training_run(tracking, **TOLD) as run:
        run.table("samples/samples.json", [{"prompt": "今天", "text": "很好。"}])
        run.dataset("data/tokens", digest, "training", {"documents": 3})
    [arrived] = runs(client)
    [table] = (project / "mlartifacts").rglob("samples.json")
    assert json.loads(table.read_text()) == {
        "columns": ["prompt", "text"],
        "data": [["今天", "很好。"]],
    }
    shown = json.loads(arrived.data.tags["mlflow.loggedArtifacts"])
    assert shown == [{"path": "samples/samples.json", "type": "table"}]
    [used] = arrived.inputs.dataset_inputs
    assert (used.dataset.name, used.dataset.digest) == ("data/tokens", digest)
    assert [(tag.key, tag.value) for tag in used.tags] == [("mlflow.data.context", "training")]


@pytest.mark.usefixtures("project")
def test_what_mlflow_never_takes_stops_nothing_behind_it(
    client: MlflowClient, tracking: TrackSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    with training_run(tracking, **TOLD) as run:
        run.metrics({"loss": 3.0}, step=1)
        run.metrics({"a name with a % sign": 1.0}, step=1)
        run.metrics({"loss": 2.0}, step=2)
    [arrived] = runs(client)
    assert arrived.info.status == "FINISHED"
    assert [p.step for p in client.get_metric_history(arrived.info.run_id, "loss")] == [1, 2]
    assert "refused.jsonl" in capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_a_run_that_goes_on_with_another_setting_keeps_both(
    client: MlflowClient, tracking: TrackSettings
) -> None:
    with pytest.raises(SystemExit), training_run(tracking, **TOLD):
        raise SystemExit
    with training_run(tracking, **TOLD | {"params": {"seed": 2, "layers": 4}}):
        pass
    [arrived] = runs(client)
    assert arrived.data.params == {"seed": "1", "layers": "4"}
    assert arrived.data.tags["later.seed"] == "2"


@pytest.mark.usefixtures("project")
def test_trials_of_a_sweep_stand_under_its_run(
    client: MlflowClient, tracking: TrackSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XUXIE_SWEEP", "rates")
    for name in ("one", "two"):
        with training_run(tracking, **TOLD | {"name": name, "key": name}):
            pass
    found = {run.info.run_name: run for run in runs(client)}
    assert found.keys() == {"rates", "one", "two"}
    parents = {found[name].data.tags["mlflow.parentRunId"] for name in ("one", "two")}
    assert parents == {found["rates"].info.run_id}
    assert {run.info.status for run in found.values()} == {"FINISHED"}


@pytest.mark.usefixtures("project")
def test_the_experiment_says_what_to_look_at_until_somebody_says_otherwise(
    client: MlflowClient, tracking: TrackSettings
) -> None:
    with training_run(tracking, **TOLD):
        pass
    made = client.get_experiment_by_name("trials")
    assert "best/val_bits_per_character" in made.tags[NOTE]
    client.set_experiment_tag(made.experiment_id, NOTE, "ours")
    with training_run(tracking, **TOLD):
        pass
    assert client.get_experiment_by_name("trials").tags[NOTE] == "ours"


@pytest.mark.usefixtures("project")
def test_into_a_deleted_experiment_nothing_is_sent_and_nothing_lost(
    client: MlflowClient, tracking: TrackSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = client.create_experiment("trials")
    client.delete_experiment(gone)
    with training_run(tracking, **TOLD) as run:
        run.metrics({"loss": 1.0}, step=1)
    assert "restore it" in capsys.readouterr().out
    client.restore_experiment(gone)
    assert send_waiting("trials") == 1
    assert runs(client)[0].data.metrics == {"loss": 1.0}


def test_events_of_an_unknown_kind_are_passed_over(
    project: Path, client: MlflowClient, tracking: TrackSettings
) -> None:
    del project
    with training_run(tracking, **TOLD) as run:
        pass
    assert run.folder is not None
    append(run.folder / "events.jsonl", {"kind": "of a later version", "time": 1})
    append(run.folder / "events.jsonl", {"kind": "tags", "time": 1, "values": {"late": "yes"}})
    send_waiting("trials")
    assert runs(client)[0].data.tags["late"] == "yes"
