"""params.yaml is composed from conf/, but for an experiment, where DVC has composed it already."""

import shutil
from pathlib import Path

import pytest
import yaml

from xuxie.errors import Refusal
from xuxie.params.compose import compose_text
from xuxie.params.stage import run


@pytest.fixture
def conf(root: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(root / "conf", tmp_path / "conf"))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "params.yaml"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.usefixtures("no_experiment")
def test_the_file_holds_what_conf_composes(conf: Path, out: Path) -> None:
    run(conf=conf, out=out)
    assert out.read_text(encoding="utf-8") == compose_text(conf)


@pytest.mark.usefixtures("no_experiment")
def test_what_changed_is_told(conf: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(conf=conf, out=out)
    edit(conf / "train/default.yaml", "epochs: 2.4", "epochs: 1.0")
    edit(conf / "config.yaml", "fetch: demo", "fetch: none")
    assert capsys.readouterr().out == ""
    run(conf=conf, out=out)
    told = capsys.readouterr().out.splitlines()
    assert "params.yaml: train.epochs: 2.4 -> 1.0" in told
    assert "params.yaml: fetch.statutes.names:  -> ∅" in told
    assert yaml.safe_load(out.read_text())["train"]["epochs"] == 1.0


def test_the_file_of_an_experiment_stays(
    conf: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = compose_text(conf).replace("epochs: 2.4", "epochs: 3.0")
    out.write_text(text)
    monkeypatch.setenv("DVC_EXP_NAME", "puffy-name")
    run(conf=conf, out=out)
    assert out.read_text() == text


def test_an_experiment_without_a_file_gets_one(
    conf: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_EXP_NAME", "puffy-name")
    run(conf=conf, out=out)
    assert out.read_text() == compose_text(conf)


def test_an_experiment_with_a_wrong_value_is_refused(
    conf: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out.write_text(compose_text(conf).replace("epochs: 2.4", "epochs: -2.0"))
    monkeypatch.setenv("DVC_EXP_NAME", "puffy-name")
    with pytest.raises(Refusal, match=r"train\.epochs = -2\.0"):
        run(conf=conf, out=out)


@pytest.mark.usefixtures("no_experiment")
def test_a_wrong_value_in_conf_leaves_the_file(conf: Path, out: Path) -> None:
    run(conf=conf, out=out)
    before = out.read_bytes()
    edit(conf / "train/default.yaml", "epochs: 2.4", "epochs: -2.0")
    with pytest.raises(Refusal, match=r"train\.epochs = -2\.0"):
        run(conf=conf, out=out)
    assert out.read_bytes() == before
