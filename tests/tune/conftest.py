"""A project whose data is that of the small pipeline, with an MLflow database of its own."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Outputs, Settings
from xuxie.config import Config

Configure = Callable[..., Config]

SEARCH = "[{key: train.optimizer.matrix_rate, kind: log, low: 0.001, high: 0.1}]"


@pytest.fixture
def project(outputs: Outputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, folder in (
        ("data/tokens", outputs.tokens),
        ("models/tokenizer", outputs.tokenizer),
        ("models/pretrained", outputs.pretrained),
    ):
        shutil.copytree(folder, tmp_path / name)
    (tmp_path / "conf/experiment").mkdir(parents=True)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def configure(settings: Settings) -> Configure:
    """Settings of trainings of seconds, under further Hydra overrides."""
    small = (
        "experiment=smoke",
        "train.epochs=2",
        "train.validations=4",
        "train.threads=1",
        "tune.epochs=1.0",
        "tune.trials=3",
        "tune.unpruned=1",
    )
    return lambda *overrides: settings(*small, f"tune.search={SEARCH}", *overrides)
