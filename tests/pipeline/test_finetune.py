"""Going on from a model of the user's own, to a registered result."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkout import Checkout


@pytest.fixture
def based(project: Checkout, model_folder: Path) -> Iterator[Checkout]:
    """A project whose own model lies where fine-tuning starts from."""
    base = project.folder / "models/start/base"
    shutil.copytree(model_folder, base)
    yield project
    shutil.rmtree(base)


def test_fine_tuning_goes_from_a_folder_to_a_registered_model(
    based: Checkout, model_folder: Path
) -> None:
    before = json.loads((based.folder / "metrics/train.json").read_text())
    based.run(*"dvc exp run -n tuned -S experiment=finetune -S train.epochs=1.0".split())
    params = json.loads((model_folder / "training.json").read_text())["params"]
    assert params["model.start"] == "pretrained"
    assert params["train.optimizer.kind"] == "adamw"
    after = json.loads((based.folder / "metrics/train.json").read_text())
    assert after["val"]["bits_per_character"] < before["val"]["bits_per_character"] + 1.0
    assert "已登记 registered" in based.run("xuxie", "register").stdout
    [(name,)] = based.query(
        "SELECT runs.name FROM model_versions JOIN runs ON runs.run_uuid = model_versions.run_id"
        " ORDER BY version DESC LIMIT 1"
    )
    assert name == "tuned"
