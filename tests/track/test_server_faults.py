"""A real MLflow server that is down, slow, broken, killed, or whose answers get lost."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from told_run import STEPS, assert_arrived_once, tell, training
from tracking_server import TrackingServer
from waiting import free_port, wait_until
from xuxie.track.sender import send_waiting, unsent
from xuxie.track.settings import TrackSettings


class Proxy:
    """The misbehaving proxy (tests/faulty_proxy.py), a process of its own."""

    def __init__(self, target: int) -> None:
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        script = Path(__file__).parents[1] / "faulty_proxy.py"
        self.process = subprocess.Popen([sys.executable, str(script), str(port), str(target)])
        wait_until(self.answers)

    def answers(self) -> bool:
        try:
            return self.done() == 0
        except OSError:
            return False

    def behave(self, **order: Any) -> None:
        told = urllib.request.Request(
            f"{self.address}/behave", json.dumps(order).encode(), method="PUT"
        )
        urllib.request.urlopen(told).close()

    def done(self) -> int:
        """How many requests it has treated as told."""
        with urllib.request.urlopen(f"{self.address}/behave") as reply:
            return int(reply.read())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingServer]:
    """Not yet started."""
    made = TrackingServer(tmp_path_factory.mktemp("server"))
    yield made
    made.kill()


@pytest.fixture
def running(server: TrackingServer) -> TrackingServer:
    if server.process is None:
        server.start()
    server.wait()
    return server


@pytest.fixture
def proxy(
    running: TrackingServer, project: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Proxy]:
    """Before the running server, and named in the environment."""
    del project  # it comes first, and names no server
    made = Proxy(running.port)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", made.address)
    yield made
    made.process.kill()
    made.process.wait()


@pytest.fixture
def experiment(
    project: Path, tracking: TrackSettings, request: pytest.FixtureRequest
) -> TrackSettings:
    """An experiment of the test's own; the log lies in a project of its own."""
    del project
    return tracking.model_copy(update={"experiment": request.node.name})


@pytest.mark.fault("S1")
def test_a_server_that_is_down_at_first(
    server: TrackingServer,
    experiment: TrackSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.address)
    with training(experiment, tmp_path / "report.html") as run:
        tell(run, STEPS[:20])
        server.start()
        server.wait()
        tell(run, STEPS[20:])
    assert run.folder is not None
    assert not unsent(run.folder)
    assert_arrived_once(MlflowClient(server.address), experiment)


@pytest.mark.fault("S3")
@pytest.mark.parametrize(
    ("path", "times"),
    [("", 3), ("log-batch", 2), ("runs/create", 1), ("mlflow-artifacts", 1), ("runs/update", 2)],
)
@pytest.mark.parametrize("kind", ["drop", "error"])
def test_answers_that_get_lost_and_errors_of_the_server(
    proxy: Proxy,
    running: TrackingServer,
    experiment: TrackSettings,
    tmp_path: Path,
    kind: str,
    path: str,
    times: int,
) -> None:
    proxy.behave(kind=kind, path=path, times=times)
    with training(experiment, tmp_path / "report.html") as run:
        tell(run, STEPS)
    send_waiting(experiment.experiment)
    assert proxy.done() == times
    assert_arrived_once(MlflowClient(running.address), experiment)


@pytest.mark.fault("S3")
@pytest.mark.nightly
@pytest.mark.parametrize("path", ["logged-models$", "artifacts/.*/models/m-", "logged-models/m-"])
def test_a_model_is_logged_once_whatever_answer_gets_lost(
    proxy: Proxy, running: TrackingServer, experiment: TrackSettings, tmp_path: Path, path: str
) -> None:
    (tmp_path / "gpt").mkdir()
    (tmp_path / "gpt" / "weights").write_bytes(bytes(1000))
    proxy.behave(kind="drop", path=path, times=2)
    with training(experiment, tmp_path / "report.html") as run:
        tell(run, STEPS)
        run.model(tmp_path / "gpt")
    send_waiting(experiment.experiment)
    assert proxy.done() == 2
    assert_arrived_once(MlflowClient(running.address), experiment)
    client = MlflowClient(running.address)
    found = client.get_experiment_by_name(experiment.experiment)
    assert found is not None
    [model] = client.search_logged_models([found.experiment_id])
    assert model.status == "READY"


@pytest.mark.fault("S3")
def test_a_slow_server(
    proxy: Proxy, running: TrackingServer, experiment: TrackSettings, tmp_path: Path
) -> None:
    proxy.behave(kind="slow", path="log-batch", times=3, seconds=2.0)
    with training(experiment, tmp_path / "report.html") as run:
        tell(run, STEPS)
        # All is told before the first answer: nobody waited for it.
        assert run.folder is not None
        assert unsent(run.folder)
    assert_arrived_once(MlflowClient(running.address), experiment)


@pytest.mark.fault("S2")
def test_a_server_that_is_killed_and_comes_back(
    running: TrackingServer,
    experiment: TrackSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", running.address)
    with training(experiment, tmp_path / "report.html") as run:
        tell(run, STEPS[:10])
        assert run.folder is not None
        folder = run.folder
        wait_until(lambda: not unsent(folder))
        tell(run, STEPS[10:20])
        running.kill()
        tell(run, STEPS[20:])
        running.start()
        running.wait()
    send_waiting(experiment.experiment)
    assert_arrived_once(MlflowClient(running.address), experiment)
