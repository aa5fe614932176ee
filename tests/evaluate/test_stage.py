"""The stage: figures, a picture and a report, the same bytes every time."""

import contextlib
import csv
import json
import math
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Outputs
from xuxie.errors import Refusal
from xuxie.evaluate import stage
from xuxie.store.manifest import fingerprint_of
from xuxie.store.records import read_documents

FILES = ("evaluate.json", "baselines.csv", "evaluate.html")
PARTS = ["val", "test"]


def evaluate(outputs: Outputs, folder: Path, model: Path) -> None:
    with contextlib.chdir(folder):
        stage.run(
            outputs.config.evaluate,
            outputs.config.track,
            model=model,
            splits=outputs.splits,
            pairs=ROOT / "data/minimal_pairs.tsv",
            curves=outputs.folder / "loss.csv",
            metrics=Path("evaluate.json"),
            plot=Path("baselines.csv"),
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
    with (evaluated / "baselines.csv").open() as file:
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
