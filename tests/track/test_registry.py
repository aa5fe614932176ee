"""A trained model as MLflow keeps it: logged, loaded, registered once."""

import shutil
import subprocess
import sys
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from mlflow import MlflowClient

from conftest import Outputs
from xuxie.errors import Refusal
from xuxie.store.manifest import fingerprint_of
from xuxie.track.champion import Champion, mirror
from xuxie.track.connection import connect
from xuxie.track.registry import half_registered, register, unregister
from xuxie.track.run import training_run
from xuxie.track.settings import TrackSettings

TRACKING = TrackSettings(
    enabled=True,
    experiment="trials",
    model="voice",
    price_per_cpu_hour=None,
    price_per_gpu_hour=None,
    currency="CNY",
)


@pytest.fixture
def trained(project: Path, outputs: Outputs) -> str:
    """The fingerprint of a model whose run is in the store."""
    shutil.copytree(outputs.model, project / "gpt")
    fingerprint = fingerprint_of(project / "gpt")
    with training_run(TRACKING, name="first", params={}, tags={}, key="first") as run:
        run.tags({"xuxie.fingerprint": fingerprint})
        run.model(project / "gpt")
    return fingerprint


def test_a_model_is_registered_once_and_can_be_loaded_and_asked(
    trained: str, client: MlflowClient
) -> None:
    assert [register(TRACKING, trained) for _ in range(2)] == ["1", "1"]
    [version] = client.search_model_versions("name = 'voice'")
    assert version.tags["xuxie.fingerprint"] == trained
    served = mlflow.pyfunc.load_model("models:/voice/1")
    asked = pd.DataFrame({"prompt": ["房间", "经营者"]})
    answers = served.predict(asked, params={"max_new_tokens": 8, "seed": 3})
    assert [answer[:2] for answer in answers] == ["房间", "经营"]
    assert answers == served.predict(asked, params={"max_new_tokens": 8, "seed": 3})
    assert len(served.predict(asked.head(1))[0]) > len("房间")
    likeliest = [served.predict(asked, params={"temperature": 0.0, "seed": n}) for n in (1, 2)]
    assert likeliest[0] == likeliest[1]
    long = pd.DataFrame({"prompt": ["房间很干净，" * 300]})
    assert served.predict(long)[0].startswith(("房", "间", "很", "干", "净", "，"))


def remove_files(model_id: str, project: Path) -> None:
    [folder] = (project / "mlartifacts").rglob(model_id)
    shutil.rmtree(folder)


@pytest.mark.parametrize("lost", ["files", "model"])
def test_a_half_registration_is_told_from_a_whole_one(
    trained: str, client: MlflowClient, project: Path, lost: str
) -> None:
    assert register(TRACKING, trained) == "1"
    assert half_registered(TRACKING) == []
    [version] = client.search_model_versions("name = 'voice'")
    model_id = version.source.removeprefix("models:/")
    if lost == "files":
        remove_files(model_id, project)
    else:
        client.delete_logged_model(model_id)
    assert half_registered(TRACKING) == ["1"]
    unregister(TRACKING, "1")
    assert half_registered(TRACKING) == []


def test_a_model_that_was_logged_by_half_is_not_registered(
    trained: str, client: MlflowClient
) -> None:
    """As a kill between MLflow's first line about it and its last leaves it."""
    experiment = client.get_experiment_by_name("trials")
    assert experiment is not None
    [run] = client.search_runs([experiment.experiment_id])
    [logged] = client.search_logged_models([run.info.experiment_id])
    client.delete_logged_model(logged.model_id)
    client.create_logged_model(run.info.experiment_id, name="model", source_run_id=run.info.run_id)
    with pytest.raises(Refusal, match="run xuxie sync"):
        register(TRACKING, trained)
    assert client.search_model_versions("name = 'voice'") == []


@pytest.mark.usefixtures("project")
def test_a_model_nobody_trained_here_is_not_registered() -> None:
    with pytest.raises(Refusal, match="has no run that trained model") as refused:
        register(TRACKING, "0" * 64)
    assert refused.value.code == 69


@pytest.mark.usefixtures("project")
def test_a_store_out_of_reach_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with pytest.raises(Refusal, match="MLFLOW_TRACKING_URI"):
        register(TRACKING, "0" * 64)


WATCH = """\
import sys, time
from mlflow import MlflowClient
client, seen = MlflowClient(sys.argv[1], sys.argv[1]), set()
print("ready", flush=True)
end = time.monotonic() + 60
while "2" not in seen or "1" not in seen or time.monotonic() < end - 57:
    assert time.monotonic() < end
    try:
        seen.add(str(client.get_model_version_by_alias("voice", "champion").version))
    except Exception as error:
        seen.add(type(error).__name__)
    time.sleep(0.01)
print(" ".join(sorted(seen)))
"""


@pytest.mark.usefixtures("project")
def test_the_alias_is_never_absent_while_it_moves(tmp_path: Path) -> None:
    """Asked every 10 ms by another process."""
    # For the registry too, whatever server a test before has named.
    client = connect()
    client.create_registered_model("voice")
    for _ in range(2):
        client.create_model_version("voice", tmp_path.as_uri())
    mirror(client, "voice", ruling("1", None))
    uri = mlflow.get_tracking_uri()
    words = [sys.executable, "-c", WATCH, uri]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as watcher:
        assert watcher.stdout is not None
        assert watcher.stdout.readline() == "ready\n"
        while watcher.poll() is None:
            for version, previous in (("2", "1"), ("1", "2")):
                assert mirror(client, "voice", ruling(version, previous))
        assert watcher.stdout.read() == "1 2\n"


def ruling(version: str, previous: str | None) -> Champion:
    return Champion(version, "", "", 1, "", previous)
