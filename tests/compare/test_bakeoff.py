"""Tokenizers at equal compute: what they may spend, what is trained, which one wins."""

import contextlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
import yaml
from torch.utils.flop_counter import FlopCounterMode

from conftest import ROOT, Outputs, Settings
from xuxie import cli
from xuxie.compare.bakeoff import Baked
from xuxie.compare.candidates import Candidate, candidates
from xuxie.compare.compute import flops_a_token
from xuxie.compare.standings import Result, judged
from xuxie.config import Config
from xuxie.errors import Refusal
from xuxie.evaluate.documents import COLUMNS
from xuxie.model.architecture import build

NAMES = {"bpe-4k", "bpe-8k", "bpe-16k", "characters", "given"}


@pytest.fixture(scope="module")
def config(settings: Settings) -> Config:
    return settings("experiment=smoke", "tokenizer.vocabulary=8000")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "conf/experiment", tmp_path / "conf/experiment")
    return tmp_path


def test_operations_are_those_that_torch_counts(config: Config) -> None:
    """Forward; a backward pass costs twice as much."""
    shape, vocabulary = config.model, 1000
    model = build(shape, vocabulary=vocabulary, boundary=0, seed=1)
    model.set_attn_implementation("eager")
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        model(torch.zeros(2, shape.context, dtype=torch.long), use_cache=False)
    tokens = 2 * shape.context
    assert 3 * counter.get_total_flops() == tokens * flops_a_token(shape, vocabulary)


def test_the_shipped_candidates_are_compared_with_the_configured_one(
    config: Config, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "vocabulary").mkdir()
    (project / "vocabulary/tokenizer_config.json").write_text("{}")
    found = candidates(config, project, project / "vocabulary")
    assert found[0].name == "bpe-8k"
    assert {one.name for one in found} == NAMES
    assert len(candidates(config, project, None)) == len(NAMES) - 1
    assert "--given" in capsys.readouterr().out


def test_an_overlay_that_changes_more_than_the_tokenizer_is_refused(
    config: Config, project: Path
) -> None:
    path = project / "conf/experiment/tokenizer-other.yaml"
    path.write_text("tokenizer: {vocabulary: 9000}\ntrain: {seed: 2}\n")
    with pytest.raises(Refusal, match="tokenizer-other"):
        candidates(config, project, None)


def baked(config: Config, name: str, bits: float, *, lost: int = 0) -> Baked:
    """A candidate that needs `bits` a character, give or take, on 200 documents of 100."""
    noise = np.random.default_rng(1).normal(0, 0.02, 200)
    columns = {
        "id": [f"{number}" for number in range(200)],
        "source": ["reviews"] * 200,
        "group": [f"{number}" for number in range(200)],
        "characters": [100] * 200,
        "bytes": [300] * 200,
        "bits": 100 * (bits + noise * bits),
    }
    empty = {field.name: [None] * 200 for field in COLUMNS if field.name not in columns}
    numbers = {"frozen": [False] * 200, "tokens": [60] * 200, "right": [20] * 200}
    scores = pa.table(columns | empty | numbers).select(COLUMNS.names).cast(COLUMNS)
    part = {"changed_documents": lost, "unknown": 0, "characters_per_token": 1.5}
    made: dict[str, Any] = {"vocabulary": 1000, "blocks": {}}
    made |= {name: part for name in ("train", "val", "test")}
    return Baked(Candidate(name, config, Path()), made, {"tokens": 1000}, 10**9, scores)


def judge(config: Config, *found: Baked) -> Result:
    return judged(list(found), config.evaluate.bootstrap, None)


def test_the_fewest_bits_win_beyond_noise(config: Config) -> None:
    found = judge(config, baked(config, "a", 4.0), baked(config, "b", 3.5), baked(config, "c", 4.4))
    assert found.verdict()[1].startswith("b wins: 0.499 ± 0.00")
    assert [row.outcome for row in found.standings] == ["", "better", "worse"]
    assert found.values()["winner"] == "b"
    assert found.values()["beyond_noise"]


def test_equal_scores_have_no_winner_beyond_noise(config: Config) -> None:
    one = baked(config, "a", 4.0)
    found = judge(config, one, replace(one, candidate=Candidate("b", config, Path())))
    assert not found.values()["beyond_noise"]
    assert "no more than noise" in found.verdict()[1]


def test_a_tokenizer_that_loses_text_cannot_win(config: Config) -> None:
    found = judge(config, baked(config, "a", 4.0), baked(config, "b", 2.0, lost=1))
    assert found.values()["winner"] == "a"
    assert not found.standings[1].lossless


def test_the_command_trains_for_equal_compute_and_goes_on(
    outputs: Outputs, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Two real trainings; the second call scores anew what it lacks, and trains nothing."""
    for name, made in {
        "data/splits": outputs.splits,
        "models/pretrained": outputs.pretrained,
    }.items():
        shutil.copytree(made, tmp_path / name)
    (tmp_path / "conf/experiment").mkdir(parents=True)
    shutil.copy(ROOT / "conf/experiment/tokenizer-characters.yaml", tmp_path / "conf/experiment")
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(outputs.config.model_dump()))
    with contextlib.chdir(tmp_path):
        call = cli.parser().parse_args(["tokenizers", "--share", "1"])
        assert call.verb(call) == 0
        rows = json.loads(Path("metrics/tokenizers.json").read_text())["candidates"]
        first, second = rows["configured"], rows["characters"]
        assert second["flops"] == pytest.approx(first["flops"], rel=0.03)
        assert second["tokens"] != first["tokens"]
        assert 0.9 < second["characters_per_token"] <= 1
        assert "characters" in Path("reports/tokenizers.html").read_text()
        capfd.readouterr()
        assert call.verb(call) == 0
        assert "parameters" not in capfd.readouterr().out
