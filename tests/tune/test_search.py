"""Searches by real trainings, each a run of a real MLflow store."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import optuna
import pytest
import yaml
from mlflow import MlflowClient
from rich.console import Console

from waiting import wait_until
from xuxie.config import Config
from xuxie.errors import Refusal
from xuxie.store.lock import held
from xuxie.store.manifest import contents, fingerprint_of
from xuxie.track.sender import send_waiting
from xuxie.tune.command import run
from xuxie.tune.study import open_study

Configure = Callable[..., Config]
KEY = "train.optimizer.embedding_rate"
SEARCH = f"tune.search=[{{key: {KEY}, kind: log, low: 0.000001, high: 0.1}}]"
GOOD, BAD = 0.02, 0.000001
FOLDER = Path("runs/tune/rates")


def searched(settings: Config, name: str = "rates") -> tuple[Path | None, str]:
    console = Console(file=StringIO(), width=200)
    path = run(name, settings, console)
    assert isinstance(console.file, StringIO)
    return path, console.file.getvalue()


def begun(settings: Config, *rates: float) -> optuna.Study:
    """The search before its first trial, which will try these rates first."""
    FOLDER.mkdir(parents=True)
    tokens = fingerprint_of(Path("data/tokens"))
    study = open_study(FOLDER.resolve() / "study.db", "rates", settings, tokens)
    for rate in rates:
        study.enqueue_trial({KEY: rate})
    return study


def runs(project: Path) -> list[Any]:
    """The trials' runs; what a busy machine did not send in time is sent now."""
    send_waiting("xuxie")
    client = MlflowClient(f"sqlite:///{project / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("xuxie")
    return list(client.search_runs([experiment.experiment_id], "params.`train.seed` = '1'"))


def test_the_best_becomes_an_experiment_and_who_lags_behind_is_stopped(
    project: Path, configure: Configure
) -> None:
    settings = configure(SEARCH, "tune.trials=2")
    study = begun(settings, GOOD, BAD)
    inputs = {name: contents(project / name) for name in ("data", "models")}
    path, text = searched(settings)
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "PRUNED"]
    assert [len(trial.intermediate_values) for trial in study.trials] == [4, 1]
    assert path == Path("conf/experiment/rates.yaml")
    assert path.read_text().startswith("# @package _global_\n# Written by xuxie tune")
    assert yaml.safe_load(path.read_text()) == {"train": {"optimizer": {"embedding_rate": GOOD}}}
    assert "pruned" in text and f"{study.best_value:.4f}" in text
    rates = {float(run.data.params[KEY]): run.info.status for run in runs(project)}
    assert rates == {GOOD: "FINISHED", BAD: "KILLED"}
    assert {name: contents(project / name) for name in ("data", "models")} == inputs
    assert not (project / "runs/stages.jsonl").exists()
    assert searched(settings)[0] == path  # nothing left to try: the same winner


@pytest.mark.slow
def test_a_search_that_was_killed_goes_on_with_the_trial_it_was_at(
    project: Path, configure: Configure
) -> None:
    longer = ("train.epochs=12", "train.checkpoint_seconds=0")
    settings = configure(SEARCH, "tune.trials=2", "tune.unpruned=9", *longer)
    study = begun(settings, GOOD, 0.01)
    (project / "params.yaml").write_text(yaml.safe_dump(settings.model_dump()))
    words = [sys.executable, "-c", "from xuxie.cli import main; main()", "tune", "rates"]
    search = subprocess.Popen(words, env=dict(os.environ), start_new_session=True)
    try:
        wait_until(lambda: study.trials[0].state.is_finished())
        wait_until(lambda: len(study.trials) == 2 and study.trials[1].intermediate_values)
    finally:
        search.send_signal(signal.SIGKILL)
        search.wait()
    path, _ = searched(settings)
    assert path is not None
    assert [trial.state.name for trial in study.trials][:2] == ["COMPLETE", "FAIL"]
    assert [trial.params[KEY] for trial in study.trials] == [GOOD, 0.01, 0.01]
    assert len(runs(project)) == 2  # the killed one goes on
    [log] = [path for path in FOLDER.glob("*/log.txt") if "goes on" in path.read_text()]
    assert log.read_text().count("training goes on from step") == 1


@pytest.mark.usefixtures("project")
def test_a_search_with_other_settings_is_another_search(configure: Configure) -> None:
    begun(configure(SEARCH))
    with pytest.raises(Refusal, match="begun with other settings"):
        searched(configure(SEARCH, "train.batch=4"))


@pytest.mark.usefixtures("project")
def test_one_process_at_a_time_searches(configure: Configure) -> None:
    with held(FOLDER / "lock"), pytest.raises(Refusal, match="in use by process"):
        searched(configure())


@pytest.mark.usefixtures("project")
def test_an_experiment_written_by_hand_is_left_alone(configure: Configure) -> None:
    Path("conf/experiment/rates.yaml").write_text("# @package _global_\ntrain: {epochs: 1}\n")
    with pytest.raises(Refusal, match="take another name"):
        searched(configure())


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("name", "override", "message"),
    [
        ("../up", "tune.trials=1", "may hold lower-case letters"),
        ("rates", "track.enabled=false", "set track.enabled=true"),
    ],
)
def test_what_cannot_be_searched_is_refused(
    configure: Configure, name: str, override: str, message: str
) -> None:
    with pytest.raises(Refusal, match=message):
        searched(configure(override), name)
