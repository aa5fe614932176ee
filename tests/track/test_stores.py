"""Stores of a team: MLflow's server before PostgreSQL, and one that asks for a password.

They need `pip install -e .[stores]` and PostgreSQL's programs.
"""

import urllib.parse
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from mlflow import MlflowClient

from postgres import Postgres
from told_run import STEPS, assert_arrived_once, tell, training
from tracking_server import TrackingServer
from xuxie.errors import Refusal
from xuxie.track.sender import send_waiting
from xuxie.track.settings import TrackSettings

pytestmark = pytest.mark.slow

PASSWORD = "horse battery?staple9"


def needs(module: str) -> None:
    assert find_spec(module), f"{module} is missing: pip install -e .[stores]"


@pytest.fixture(scope="module")
def on_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingServer]:
    needs("psycopg")
    database = Postgres()
    server = TrackingServer(tmp_path_factory.mktemp("postgres"), database.store)
    server.start()
    server.wait()
    yield server
    server.kill()
    database.stop()


@pytest.fixture(scope="module")
def with_password(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingServer]:
    needs("flask_wtf")
    secrets = {"MLFLOW_FLASK_SERVER_SECRET_KEY": "k" * 32, "MLFLOW_AUTH_ADMIN_PASSWORD": PASSWORD}
    folder = tmp_path_factory.mktemp("auth")
    server = TrackingServer(folder, words=("--app-name", "basic-auth"), environment=secrets)
    server.start()
    server.wait()
    yield server
    server.kill()


def test_postgresql_takes_everything_once_and_in_order(
    on_postgres: TrackingServer,
    project: Path,
    tracking: TrackSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", on_postgres.address)
    with training(tracking, project / "report.html") as run:
        tell(run, STEPS)
    assert run.folder is not None
    assert_arrived_once(MlflowClient(on_postgres.address), tracking)
    # As after a crash before the cursor was written: all of it once more.
    cursor = run.folder / "cursor.json"
    run_id = cursor.read_text().rpartition('"run_id": "')[2].partition('"')[0]
    cursor.write_text(f'{{"offset": 0, "run_id": "{run_id}"}}')
    send_waiting(tracking.experiment)
    assert_arrived_once(MlflowClient(on_postgres.address), tracking)


def test_a_password_is_used_and_told_to_nobody(
    with_password: TrackingServer,
    project: Path,
    tracking: TrackSettings,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    port, quoted = with_password.port, urllib.parse.quote(PASSWORD)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://admin:{quoted}x@127.0.0.1:{port}")
    with training(tracking, project / "report.html") as run:
        tell(run, STEPS)
    with pytest.raises(Refusal) as refused:
        send_waiting(tracking.experiment)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", with_password.address)
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "admin")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", PASSWORD)
    assert send_waiting(tracking.experiment) == 1
    client = MlflowClient(with_password.address)
    assert_arrived_once(client, tracking)
    found = client.get_experiment_by_name(tracking.experiment)
    assert found is not None
    kept = [path for path in project.rglob("*") if path.is_file() and path.name != "mlflow.db"]
    said = [
        str(refused.value),
        str(capfd.readouterr()),
        *(str(run.to_dictionary()) for run in client.search_runs([found.experiment_id])),
        *(path.read_text(errors="replace") for path in kept),
    ]
    assert [text for text in said if PASSWORD in text or quoted in text] == []
