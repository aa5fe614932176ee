"""Models by every name they may have, from real git, DVC and MLflow."""

import json
import shutil
import subprocess
from io import StringIO
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient
from rich.console import Console

from planted_scores import scores, write_outputs
from xuxie.compare.command import COMPARED, run
from xuxie.compare.comparison import Comparison
from xuxie.compare.gather import Gatherer
from xuxie.errors import Refusal
from xuxie.evaluate.settings import Bootstrap
from xuxie.track.connection import connect, experiment_id
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

# As `xuxie noise` writes it.
NOISE = json.dumps({"seeds": [1, 2, 3], "test": {"all": {"standard_deviation": 0.2}}})


@pytest.fixture(scope="module")
def store(made: Path) -> MlflowClient:
    """Runs `logged` and `other` with scores, `bare` without; version 1 of `voice` is of `other`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DVC_ROOT", str(made))
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        client = connect()
        experiment = experiment_id(client, TRACKING.experiment)
        for name, gain in (("logged", 0.0), ("other", 0.3)):
            log(client, experiment, made / "prepared" / name, name, gain)
        client.create_run(experiment, run_name="bare")
        client.create_registered_model("voice")
        [other] = client.search_runs([experiment], "attributes.run_name = 'other'")
        tags = {"run": other.info.run_id}
        client.create_model_version("voice", other.info.artifact_uri, tags=tags)
    return client


def log(client: MlflowClient, experiment: str, folder: Path, name: str, gain: float) -> None:
    write_outputs(folder, scores(seed=3, better=gain), text=name, rate=0.01)
    run_id = client.create_run(experiment, run_name=name).info.run_id
    client.log_artifact(run_id, str(folder / "data/scores/test.parquet"), "scores")
    client.log_artifact(run_id, str(folder / "samples/samples.jsonl"), "samples")
    client.log_param(run_id, "train.seed", 1)
    client.log_metric(run_id, "val/bits_per_character", 5.0 - gain, step=1000)
    tags = {"git.commit": "f" * 40, "dvc.data/splits": "abc", "dvc.experiment": name}
    for key, value in (tags | {"xuxie.fingerprint": f"fingerprint-{name}"}).items():
        client.set_tag(run_id, key, value)


def run_id(client: MlflowClient, name: str) -> str:
    experiment = client.get_experiment_by_name(TRACKING.experiment)
    [found] = client.search_runs([experiment.experiment_id], f"attributes.run_name = '{name}'")
    return str(found.info.run_id)


def compared(*words: str, log: bool = False) -> tuple[Comparison, str]:
    console = Console(file=StringIO(), width=200)
    bootstrap = Bootstrap(resamples=200, confidence=0.95, seed=1)
    report = Path("reports/compare.html")
    found = run(list(words), bootstrap, TRACKING, report=report, log=log, console=console)
    assert isinstance(console.file, StringIO)
    return found, console.file.getvalue()


@pytest.mark.usefixtures("project", "store")
@pytest.mark.parametrize(
    ("word", "rate", "gain"),
    [
        (".", "0.02", 0.2),
        ("better", "0.02", 0.2),
        ("HEAD~1", "0.01", 0.0),
        ("git:plain", "0.01", 0.0),
        ("tried", "0.03", 0.4),
    ],
)
def test_models_of_the_project(word: str, rate: str, gain: float) -> None:
    subject = Gatherer(TRACKING).find(word)
    assert subject.params["train.optimizer.rate"] == rate
    assert subject.params["steps"] == "20"
    assert subject.scores.equals(scores(seed=1, better=gain).select(subject.scores.column_names))
    assert subject.samples[0]["text"] == f"样本{rate}"
    assert subject.curve[1] == {"tokens": 2000.0, "train": 5.5, "val": 5.4 - float(rate)}
    assert subject.data["data/scores"].endswith(".dir")


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("word", ["other", "run:other", "1", "voice/1", "version:1"])
def test_models_of_mlflow(store: MlflowClient, word: str) -> None:
    subject = Gatherer(TRACKING).find(word)
    assert subject.run_id == run_id(store, "other")
    assert subject.params == {"train.seed": "1"}
    assert (subject.commit, subject.data) == ("f" * 40, {"data/splits": "abc"})
    assert subject.samples[0]["text"] == "other"
    assert subject.curve == [{"tokens": 1000.0, "val": 4.7}]
    assert Gatherer(TRACKING).find(subject.run_id).run_id == subject.run_id


@pytest.mark.usefixtures("project", "store")
def test_the_workspace_stays_as_it_is(project: Path) -> None:
    def status() -> str:
        words = ["git", "status", "--porcelain", "--ignored"]
        return subprocess.run(words, cwd=project, capture_output=True, text=True).stdout

    compared("plain", "tried")
    before = status()
    found, text = compared("plain", "tried")
    assert status() == before
    assert found.verdicts[0].english.startswith("B is better than A by 0.4")
    assert "train.optimizer.rate" in text


@pytest.mark.usefixtures("project")
def test_the_report_is_logged_to_the_later_run_and_names_the_first(store: MlflowClient) -> None:
    _, text = compared("logged", "other", log=True)
    assert "logged to: other" in text
    later, first = run_id(store, "other"), run_id(store, "logged")
    [kept] = store.list_artifacts(later, "compare")
    assert kept.path == f"compare/with-{first[:8]}.html"
    page = Path(store.download_artifacts(later, kept.path)).read_text()
    assert page == Path("reports/compare.html").read_text()
    assert store.get_run(later).data.tags[COMPARED].startswith("logged (")
    assert store.list_artifacts(first, "compare") == []


@pytest.mark.usefixtures("project")
def test_a_revision_whose_model_a_run_trained_is_logged_there(store: MlflowClient) -> None:
    run = store.create_run(
        store.get_experiment_by_name(TRACKING.experiment).experiment_id,
        run_name="trained",
        tags={"xuxie.fingerprint": "fingerprint-样本0.02"},
    )
    compared("plain", "better", log=False)
    assert store.list_artifacts(run.info.run_id, "compare") == []
    compared("plain", "better", log=True)
    assert len(store.list_artifacts(run.info.run_id, "compare")) == 1


@pytest.mark.usefixtures("project", "store")
def test_seed_noise_of_the_project_is_taken_into_account(project: Path) -> None:
    without, text = compared("plain", "better")
    assert "seed noise is unknown" in text
    (project / "metrics").mkdir()
    (project / "metrics/noise.json").write_text(NOISE)
    noisy, text = compared("plain", "better")
    assert "seed noise is unknown" not in text
    assert without.differences[0].outcome() == "better"
    assert "beyond seed noise" in noisy.verdicts[0].english


@pytest.mark.usefixtures("project", "store")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["plain", "nobody"], "cannot find nobody"),
        (["plain", "bare"], "has no scores of documents"),
        (["plain", "--all"], "cannot find --all"),
        (["plain"], "2 to 8 models"),
    ],
)
def test_what_cannot_be_compared_is_refused(words: list[str], message: str) -> None:
    with pytest.raises(Refusal, match=message):
        compared(*words)


@pytest.mark.usefixtures("project")
def test_scores_that_left_the_cache_are_missed_not_invented(project: Path) -> None:
    cache, away = project / ".dvc/cache", project / "away"
    shutil.move(cache, away)
    try:
        with pytest.raises(Refusal, match="dvc fetch"):
            compared("plain", ".")
    finally:
        shutil.move(away, cache)


@pytest.mark.usefixtures("project", "store")
def test_revisions_need_no_mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", NOBODY)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    found, text = compared("plain", "better", log=True)
    assert found.differences[0].outcome() == "better"
    assert "not logged to MLflow" in text
    with pytest.raises(Refusal, match="MLFLOW_TRACKING_URI"):
        compared("plain", "no such run")
    mlflow.set_tracking_uri(None)
