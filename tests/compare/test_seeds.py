"""Seed noise: trainings apart from the workspace, taken up again, and their spread."""

import contextlib
import json
import shutil
import statistics
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT, Outputs, Settings
from xuxie import cli
from xuxie.compare.seeds import METRICS, Plan, cost, measure, spread, table
from xuxie.errors import Refusal
from xuxie.store.journal import append


def workspace(outputs: Outputs, folder: Path) -> Path:
    for name, made in {
        "data/tokens": outputs.tokens,
        "data/splits": outputs.splits,
        "models/tokenizer": outputs.tokenizer,
        "models/pretrained": outputs.pretrained,
    }.items():
        shutil.copytree(made, folder / name)
    shutil.copy(ROOT / "data/minimal_pairs.tsv", folder / "data")
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "runs" not in path.parts
    }


def test_seeds_are_trained_apart_taken_up_again_and_spread(
    outputs: Outputs, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Two real trainings: the second alone after the first was scored by an earlier call."""
    root = workspace(outputs, tmp_path)
    before, plan = files(root), Plan(outputs.config, root, 2, 0.1)
    result = measure(plan)
    after = files(root)
    assert after.keys() - before.keys() == {str(METRICS)}
    assert before.items() <= after.items()
    assert json.loads((root / METRICS).read_text()) == result
    assert (result["seeds"], result["epochs"]) == ([1, 2], pytest.approx(0.3))
    row = result["test"]["all"]
    assert 0 < row["standard_deviation"] < 1
    assert row["lowest"] < row["mean"] < row["highest"]
    assert "2/2" in capfd.readouterr().out

    for name in ("loss.csv", "evaluate.html"):
        (plan.folder(1) / name).unlink()
    assert measure(plan) == result
    assert not (plan.folder(1) / "loss.csv").exists()
    said = capfd.readouterr().out
    assert "0/2" in said and "seed" not in said.split("\n", 1)[1]
    assert f"± {row['standard_deviation']:.4f}" in table(result)


def test_other_settings_are_another_measurement(
    outputs: Outputs, settings: Settings, tmp_path: Path
) -> None:
    root = workspace(outputs, tmp_path)
    plan = Plan(outputs.config, root, 2, 0.1)
    assert plan.folder(1).parent != plan.folder(2).parent
    assert plan.folder(1) != Plan(outputs.config, root, 2, 0.2).folder(1)
    assert plan.folder(1) == Plan(outputs.config, root, 5, 0.1).folder(1)
    other = settings("experiment=smoke", "track.enabled=false", "model.width=96")
    assert plan.folder(1) != Plan(other, root, 2, 0.1).folder(1)


def test_the_spread_is_the_standard_deviation_between_seeds() -> None:
    values = [3.0, 3.5, 4.5]
    rows = [{"bits_per_character": value} for value in values]
    scores = [{"val": {"all": row}, "test": {"all": row, "评论": row}} for row in rows]
    found = spread(scores)
    assert list(found["test"]) == ["all", "评论"]
    assert found["val"]["all"] == {
        "mean": pytest.approx(11 / 3),
        "standard_deviation": pytest.approx(statistics.stdev(values)),
        "lowest": 3.0,
        "highest": 4.5,
    }


def test_the_cost_is_said_from_the_last_training(outputs: Outputs, tmp_path: Path) -> None:
    plan = Plan(outputs.config, tmp_path, 3, 0.2)
    assert "min" not in cost(plan, 3)
    append(tmp_path / "runs/stages.jsonl", {"stage": "train", "seconds": 600.0})
    assert "about 4.0 min" in cost(plan, 2)


def test_without_tokens_there_is_nothing_to_train_on(outputs: Outputs, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="data/tokens"):
        measure(Plan(outputs.config, tmp_path, 2, 0.5))


@pytest.mark.slow
def test_a_training_that_fails_ends_it(outputs: Outputs, tmp_path: Path) -> None:
    root = workspace(outputs, tmp_path)
    plan = Plan(outputs.config, root, 2, 0.1)
    (root / "models/tokenizer/tokenizer.json").write_text("{}")
    with contextlib.chdir(root), pytest.raises(subprocess.CalledProcessError):
        measure(plan)
    assert not (root / METRICS).exists()


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("words", [("--seeds", "1"), ("--share", "0"), ("--share", "1.5")])
def test_one_seed_or_no_length_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, str]
) -> None:
    monkeypatch.setattr("sys.argv", ["xuxie", "noise", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 64
    assert "--seeds must be at least 2" in capsys.readouterr().err
