"""An MLflow store of our own: its database is created once and copied, which takes seconds."""

import shutil
from pathlib import Path

import pytest
from mlflow import MlflowClient

from xuxie.track.connection import connect
from xuxie.track.settings import TrackSettings


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DVC_ROOT", str(folder))
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        connect()
    return folder / "mlflow.db"


@pytest.fixture
def project(tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with an empty MLflow database; the place of all that is tracked."""
    shutil.copy(empty_database, tmp_path / "mlflow.db")
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def client(project: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{project / 'mlflow.db'}")


@pytest.fixture(scope="session")
def tracking() -> TrackSettings:
    """As in conf/track, under names of our own."""
    return TrackSettings(
        enabled=True,
        experiment="trials",
        model="voice",
        price_per_cpu_hour=None,
        price_per_gpu_hour=None,
        currency="CNY",
    )
