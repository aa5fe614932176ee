"""Folders that look like a project, and one whose retrainings are struck."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from checkout import Checkout
from night import BEFORE, PROMOTING, TRAINING, Night, prepare, struck_at_training
from xuxie.params.compose import compose
from xuxie.store.records import Document, content_id, write_documents

DVC = """\
stages:
  fetch:
    cmd: "true"
    outs: [data/raw/demo, models/pretrained]
  ingest:
    cmd: "true"
    deps: [data/raw]
    outs:
      - data/arrivals:
          persist: true
"""


@pytest.fixture
def raw_project(tmp_path: Path) -> Path:
    """dvc.yaml, fetched text, and two files of the team's own."""
    project = tmp_path / "project"
    (project / "data/raw/demo").mkdir(parents=True)
    (project / "data/raw/team").mkdir()
    (project / "dvc.yaml").write_text(DVC)
    (project / "data/raw/demo/statutes.jsonl").write_text("fetched\n")
    (project / "data/raw/.gitkeep").touch()
    (project / "data/raw/notes.txt").write_text("今天天气很好。\n")
    (project / "data/raw/team/more.txt").write_text("明天也不错。\n")
    return project


Write = Callable[[Path, Iterable[tuple[str, str, int]]], Path]


@pytest.fixture(scope="session")
def write_kept() -> Write:
    """Write documents of (text, group, arrival) as clean leaves them."""

    def write(path: Path, rows: Iterable[tuple[str, str, int]]) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_documents(
            path,
            [
                Document(content_id(text), text, "s", "", group, 0, None, "ours", "", arrival)
                for text, group, arrival in rows
            ],
        )
        return path

    return write


@pytest.fixture(scope="session")
def plain_settings(root: Path) -> dict[str, Any]:
    """The configuration as conf/ composes it."""
    return compose(root / "conf", [])


@pytest.fixture(scope="module")
def prepared(first_run: tuple[Checkout, str], tmp_path_factory: pytest.TempPathFactory) -> Night:
    return prepare(first_run[0], tmp_path_factory.mktemp("night") / "project")


@pytest.fixture
def night(prepared: Night) -> Night:
    """As it was before its undisturbed retraining."""
    prepared.go_back(BEFORE)
    return prepared


@pytest.fixture(scope="module")
def prepared_to_train(prepared: Night) -> Night:
    struck_at_training(prepared)
    return prepared


@pytest.fixture
def training(prepared_to_train: Night) -> Night:
    """A retraining as a kill left it when its training began."""
    prepared_to_train.go_back(TRAINING)
    return prepared_to_train


@pytest.fixture
def promoting(prepared: Night) -> Night:
    """The undisturbed retraining as a kill left it when it began to promote."""
    prepared.go_back(PROMOTING)
    return prepared
