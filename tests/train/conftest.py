"""Small trainings on the tokens of the small pipeline."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Outputs, Settings
from xuxie.train import stage

Train = Callable[..., Path]


@pytest.fixture(scope="module")
def train(outputs: Outputs, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Train:
    """Runs the stage under overrides in a folder; returns it, with model, train.json, loss.csv."""

    def run(
        *overrides: str, pretrained: Path = outputs.pretrained, folder: Path | None = None
    ) -> Path:
        folder = folder or tmp_path_factory.mktemp("training")
        chosen = settings("experiment=smoke", "track.enabled=false", *overrides)
        with contextlib.chdir(folder):
            stage.run(
                chosen.train,
                chosen.model,
                chosen.track,
                tokens=outputs.tokens,
                tokenizer=outputs.tokenizer,
                pretrained=pretrained,
                out=Path("model"),
                metrics=Path("train.json"),
                curves=Path("loss.csv"),
            )
        return folder

    return run
