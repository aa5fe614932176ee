"""Where a model comes from, as flat tags."""

import subprocess
from pathlib import Path

import pytest

from xuxie.track.lineage import changed_settings, data_figures, data_hashes, flat, lineage

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
    assert set(lineage()) == {"machine", "git.changed", "mlflow.source.name"}


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


def test_of_what_the_stages_counted_a_few_figures_are_metrics(tmp_path: Path) -> None:
    assert data_figures(tmp_path) == {}
    (tmp_path / "clean.json").write_text(
        '{"documents": {"in": 9, "kept": 7}, "removed": {"短": 2}}'
    )
    (tmp_path / "split.json").write_text('{"documents": {"train": 5}, "characters": {"train": 50}}')
    assert data_figures(tmp_path) == {
        "data.documents_read": 9,
        "data.documents_kept": 7,
        "data.train_documents": 5,
        "data.train_characters": 50,
    }


@pytest.mark.usefixtures("no_experiment")
def test_what_an_experiment_changes_is_named(
    in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*words: str) -> str:
        return subprocess.check_output(["git", *words], text=True).strip()

    params = in_folder / "params.yaml"
    assert changed_settings(params) == []
    git("init", "--quiet")
    params.write_text("train: {seed: 1, optimizer: {rate: 0.1}}\nmodel: {layers: 2}\n")
    git("add", "params.yaml")
    identity = ("-c", "user.name=tests", "-c", "user.email=tests@example.invalid")
    git(*identity, "commit", "--quiet", "--message", "start")
    base = git("rev-parse", "HEAD")
    params.write_text("train: {seed: 2, optimizer: {rate: 0.1}}\nmodel: {layers: 2, heads: 4}\n")
    assert changed_settings(params) == ["model.heads None→4", "train.seed 1→2"]
    git(*identity, "commit", "--quiet", "--all", "--message", "next")
    assert changed_settings(params) == []
    monkeypatch.setenv("DVC_EXP_BASELINE_REV", base)
    assert changed_settings(params) == ["model.heads None→4", "train.seed 1→2"]
