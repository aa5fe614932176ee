"""Comparisons of planted models, a project of real git and dvc, and a real MLflow store."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from planted_scores import scores, write_outputs
from xuxie.compare.noise import Noise
from xuxie.compare.subject import Subject
from xuxie.evaluate.settings import Bootstrap

BOOTSTRAP = Bootstrap(resamples=1000, confidence=0.95, seed=1)

STAGE = """\
stages:
  evaluate:
    cmd: python make.py
    deps: [make.py]
    params: [train]
    outs: [data/scores, samples, models/gpt, plots/train/loss.csv]
"""
# As little of a pipeline as leaves what a comparison reads: the rate decides how good the model is.
MAKE = """\
import shutil, yaml
rate = yaml.safe_load(open("params.yaml"))["train"]["optimizer"]["rate"]
shutil.copytree(f"prepared/{rate}", ".", dirs_exist_ok=True)
"""


@pytest.fixture(scope="session")
def subject() -> Callable[..., Subject]:
    def make(table: pa.Table, name: str = "planted", **differing: object) -> Subject:
        values: dict[str, object] = {
            "name": name,
            "run_id": "",
            "fingerprint": "",
            "params": {},
            "commit": "",
            "changed": False,
            "data": {},
            "scores": table,
            "samples": [],
            "curve": [],
        }
        # Of mixed values, each of its field's type.
        return Subject(**(values | differing))  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def bootstrap() -> Bootstrap:
    return BOOTSTRAP


@pytest.fixture(scope="session")
def noise() -> Noise:
    return Noise(5, {"all": 0.01, "statutes": 0.01, "reviews": 0.02})


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with three models: `plain` and `better` by tag, `tried` by experiment."""
    folder = tmp_path_factory.mktemp("project")
    for rate, gain in ((0.01, 0.0), (0.02, 0.2), (0.03, 0.4)):
        prepared = folder / "prepared" / str(rate)
        write_outputs(prepared, scores(seed=1, better=gain), text=f"样本{rate}", rate=rate)
        (prepared / "params.yaml").unlink()
    (folder / "make.py").write_text(MAKE)
    (folder / "dvc.yaml").write_text(STAGE)
    (folder / ".gitignore").write_text(
        "/data/scores\n/samples\n/models/gpt\n/plots/train/loss.csv\n/mlflow.db\n/runs\n/reports\n"
    )
    act(folder, "git", "init", "-q")
    act(folder, "dvc", "init", "-q")
    for tag, rate in (("plain", 0.01), ("better", 0.02)):
        (folder / "params.yaml").write_text(f"train:\n  seed: 1\n  optimizer:\n    rate: {rate}\n")
        act(folder, "dvc", "repro", "-q")
        act(folder, "git", "add", ".")
        act(folder, "git", "commit", "-qm", tag)
        act(folder, "git", "tag", tag)
    act(
        folder,
        "dvc",
        "exp",
        "run",
        "-q",
        "--temp",
        "-n",
        "tried",
        "-S",
        "train.optimizer.rate=0.03",
    )
    return folder


def act(folder: Path, *words: str) -> None:
    """Run a command of git or dvc there, as somebody."""
    import os

    kept = {name: value for name, value in os.environ.items() if not name.startswith("DVC_")}
    author = {
        f"GIT_{who}_{what}": "tests@example.invalid"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        words,
        cwd=folder,
        env=kept | author | {"PATH": path, "DVC_NO_ANALYTICS": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def project(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The project, entered; MLflow's database is its own."""
    monkeypatch.setenv("DVC_ROOT", str(made))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(made)
    yield made
    shutil.rmtree(made / "metrics", ignore_errors=True)
