"""The stage: figures, a picture and a report, the same bytes every time."""

import contextlib
import csv
import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Outputs
from xuxie.errors import Refusal
from xuxie.evaluate import stage
from xuxie.store.manifest import fingerprint_of
from xuxie.store.records import read_documents, read_table

FILES = (
    "evaluate.json",
    "evaluate.html",
    "plots/sources.csv",
    "plots/reliability.csv",
    "plots/positions.csv",
    "scores/val.parquet",
    "scores/test.parquet",
)
PARTS = ["val", "test"]
NAMES = ["id", "source", "characters", "bytes", "tokens", "bits", "right", "frozen"]


def evaluate(outputs: Outputs, folder: Path, model: Path, splits: Path | None = None) -> None:
    with contextlib.chdir(folder):
        stage.run(
            outputs.config.evaluate,
            outputs.config.track,
            model=model,
            splits=splits or outputs.splits,
            pairs=ROOT / "data/minimal_pairs.tsv",
            curves=outputs.folder / "loss.csv",
            metrics=Path("evaluate.json"),
            scores=Path("scores"),
            plots=Path("plots"),
            report=Path("evaluate.html"),
        )


@pytest.fixture(scope="module")
def evaluated(outputs: Outputs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluated")
    evaluate(outputs, folder, outputs.model)
    return folder


@pytest.fixture(scope="module")
def result(evaluated: Path) -> dict[str, Any]:
    return dict(json.loads((evaluated / "evaluate.json").read_text()))


def test_a_second_run_gives_the_same_bytes(
    outputs: Outputs, evaluated: Path, tmp_path: Path
) -> None:
    evaluate(outputs, tmp_path, outputs.model)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (evaluated / name).read_bytes()


@pytest.mark.parametrize("part", PARTS)
def test_every_document_is_counted_under_its_source(
    outputs: Outputs, result: dict[str, Any], part: str
) -> None:
    documents = list(read_documents(outputs.splits / f"{part}.parquet"))
    assert set(result[part]) == {"all", *(document.source for document in documents)}
    for source, row in result[part].items():
        texts = [d.text for d in documents if source in ("all", d.source)]
        assert row["documents"] == len(texts)
        assert row["characters"] == sum(map(len, texts))


@pytest.mark.parametrize("part", PARTS)
def test_figures_agree_with_each_other(result: dict[str, Any], part: str) -> None:
    for row in result[part].values():
        assert row["token_perplexity"] == pytest.approx(math.exp(row["cross_entropy"]))
        assert row["bits_per_character_low"] <= row["bits_per_character"] + 1e-9
        assert row["bits_per_character"] <= row["bits_per_character_high"] + 1e-9
        assert row["bits_per_byte"] == pytest.approx(row["bits_per_character"] / 3, rel=0.1)
        assert 0 <= row["next_token_accuracy"] <= 1


def test_a_trained_model_is_far_better_than_guessing(result: dict[str, Any]) -> None:
    assert result["test"]["all"]["bits_per_character"] < 2.5
    assert result["baselines"]["test"]["xz"]["all"] < 8


def test_the_picture_shows_the_test_split(evaluated: Path, result: dict[str, Any]) -> None:
    with (evaluated / "plots/sources.csv").open() as file:
        rows = {
            (r["source"], r["method"]): float(r["bits_per_character"]) for r in csv.DictReader(file)
        }
    tables = result["baselines"]["test"]
    expected = {(s, "model"): row["bits_per_character"] for s, row in result["test"].items()}
    expected |= {(s, method): bits for method, t in tables.items() for s, bits in t.items()}
    assert rows == pytest.approx(expected)


def test_the_report_names_the_model(outputs: Outputs, evaluated: Path) -> None:
    assert fingerprint_of(outputs.model) in (evaluated / "evaluate.html").read_text()


def test_an_unfinished_model_is_refused(outputs: Outputs, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="COMPLETE"):
        evaluate(outputs, tmp_path, tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("part", PARTS)
def test_the_documents_add_up_to_the_figures(
    outputs: Outputs, evaluated: Path, result: dict[str, Any], part: str
) -> None:
    rows = read_table(evaluated / f"scores/{part}.parquet", NAMES).to_pylist()
    ids = [document.id for document in read_documents(outputs.splits / f"{part}.parquet")]
    assert [row["id"] for row in rows] == ids
    assert {row["frozen"] for row in rows} == {part == "test"}
    for source, figures in result[part].items():
        chosen = [row for row in rows if source in ("all", row["source"])]
        sums = {name: sum(row[name] for row in chosen) for name in NAMES[2:]}
        assert sums["characters"] == figures["characters"]
        assert sums["bits"] / sums["characters"] == pytest.approx(figures["bits_per_character"])
        assert sums["bits"] / sums["bytes"] == pytest.approx(figures["bits_per_byte"])
        assert sums["right"] / sums["tokens"] == pytest.approx(figures["next_token_accuracy"])


def test_the_later_test_documents_are_scored_apart(outputs: Outputs, tmp_path: Path) -> None:
    splits = tmp_path / "splits"
    shutil.copytree(outputs.splits, splits)
    shutil.copy(splits / "val.parquet", splits / "fresh.parquet")
    evaluate(outputs, tmp_path, outputs.model, splits)
    made = json.loads((tmp_path / "evaluate.json").read_text())
    assert made["fresh"] == made["val"]
    assert made["baselines"]["fresh"] == made["baselines"]["val"]
    frozen = read_table(tmp_path / "scores/test.parquet", ["frozen"])["frozen"].to_pylist()
    assert frozen == sorted(frozen, reverse=True)
    assert frozen.count(False) == made["fresh"]["all"]["documents"]
