"""Where a model comes from, as flat tags."""

import subprocess
from pathlib import Path

import pytest

from xuxie.track.lineage import data_figures, data_hashes, flat, lineage

LOCK = """
stages:
  ingest:
    deps:
    - {path: data/raw, md5: aaa.dir}
    - {path: src/xuxie/ingest, md5: bbb.dir}
    outs:
    - {path: data/documents, md5: ccc.dir}
  tokenizer:
    outs:
    - {path: models/tokenizer, md5: ddd.dir}
  train:
    outs:
    - {path: models/gpt, md5: eee.dir}
"""


def test_settings_become_one_parameter_each() -> None:
    nested = {"seed": 1, "optimizer": {"kind": "muon", "rate": 0.1}}
    assert flat("train", nested) == {
        "train.seed": 1,
        "train.optimizer.kind": "muon",
        "train.optimizer.rate": 0.1,
    }


def test_the_data_is_named_by_the_hashes_dvc_gave_it(tmp_path: Path) -> None:
    (tmp_path / "dvc.lock").write_text(LOCK)
    assert data_hashes(tmp_path / "dvc.lock") == {
        "dvc.data/raw": "aaa.dir",
        "dvc.data/documents": "ccc.dir",
        "dvc.models/tokenizer": "ddd.dir",
    }


@pytest.mark.usefixtures("in_folder", "no_experiment")
def test_without_git_and_dvc_the_machine_is_left() -> None:
    assert set(lineage()) == {"machine", "git.changed"}


def test_commit_changes_and_experiment_are_named(
    in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*words: str) -> str:
        return subprocess.check_output(["git", *words], text=True).strip()

    git("init", "--quiet")
    identity = ("-c", "user.name=tests", "-c", "user.email=tests@example.invalid")
    git(*identity, "commit", "--quiet", "--allow-empty", "--message", "start")
    (in_folder / "conf").mkdir()
    (in_folder / "conf" / "new.yaml").touch()
    monkeypatch.setenv("DVC_EXP_NAME", "seedling")
    found = lineage()
    assert found["git.commit"] == git("rev-parse", "HEAD")
    assert found["git.changed"] == "yes"
    assert found["dvc.experiment"] == "seedling"


def test_what_the_stages_counted_becomes_one_metric_each(tmp_path: Path) -> None:
    (tmp_path / "clean.json").write_text(
        '{"removed": {"短": 3}, "share": 0.5, "lengths": [[1, 2]]}'
    )
    (tmp_path / "train.json").write_text('{"steps": 4}')
    assert data_figures(tmp_path) == {"clean/removed/短": 3.0, "clean/share": 0.5}
