"""What many tests need: settings composed from conf/, and one small pipeline, run once."""

import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import corpus
import faults_table
from checkout import Checkout, check_out
from xuxie import config, entry
from xuxie.params.compose import compose
from xuxie.stopping import STOP

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

ROOT = Path(__file__).parent.parent

# Before anything imports mlflow, torch or transformers, as a stage's process does.
entry.set_environment()

Settings = Callable[..., config.Config]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    faults_table.name_rows(items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    faults_table.show(terminalreporter)


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Checked settings from conf/ under Hydra overrides: settings("train.seed=2")."""
    return lambda *overrides: config.check(compose(ROOT / "conf", list(overrides)))


@pytest.fixture
def handlers() -> Iterator[None]:
    """Give the process that runs the tests its own signal handlers back, and no stop asked for."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    hook = sys.unraisablehook
    yield
    STOP.forget()
    sys.unraisablehook = hook
    for number, handler in kept.items():
        signal.signal(number, handler)


@dataclass(frozen=True)
class Outputs:
    """Where each stage of the small pipeline wrote; `config` is what it ran with."""

    folder: Path
    config: config.Config

    def __getattr__(self, name: str) -> Path:
        return self.folder / name


SMALL = (
    "experiment=smoke",
    "track.enabled=false",
    "train.epochs=3",
    "train.validations=3",
    "train.precision=fp32",
    "engine.workers=1",
)


@pytest.fixture(scope="session")
def outputs(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Outputs:
    """raw, documents, clean, splits, tokenizer, tokens, pretrained (empty), model of our corpus."""
    made = Outputs(tmp_path_factory.mktemp("pipeline"), settings(*SMALL))
    with contextlib.chdir(made.folder):
        run_small_pipeline(made)
    return made


@pytest.fixture(scope="session")
def model(outputs: Outputs) -> "PreTrainedModel":
    """The model of the small pipeline."""
    from xuxie.model.directory import load_model

    return load_model(outputs.model)


@pytest.fixture(scope="session")
def words(outputs: Outputs) -> "PreTrainedTokenizerBase":
    """Its tokenizer."""
    from xuxie.model.directory import load_tokenizer

    return load_tokenizer(outputs.model)


def run_small_pipeline(made: Outputs) -> None:
    from xuxie.clean import stage as clean
    from xuxie.ingest import stage as ingest
    from xuxie.split import stage as split
    from xuxie.store.directories import whole_directory
    from xuxie.tokenizer import stage as tokenizer
    from xuxie.train import stage as train

    chosen = made.config
    corpus.write_raw(made.raw)
    ingest.run(
        chosen.ingest,
        raw=made.raw,
        out=made.documents,
        arrivals=made.arrivals,
        metrics=made.folder / "ingest.json",
    )
    clean.run(
        chosen.clean,
        chosen.engine,
        documents=made.documents,
        out=made.clean,
        metrics=made.folder / "clean.json",
        reasons=made.folder / "reasons.csv",
        lengths=made.folder / "lengths.csv",
        report=made.folder / "clean.html",
    )
    split.run(
        chosen.split,
        clean=made.clean,
        out=made.splits,
        metrics=made.folder / "split.json",
        report=made.folder / "split.html",
    )
    with whole_directory(made.pretrained):
        pass
    tokenizer.run(
        chosen.tokenizer,
        splits=made.splits,
        pretrained=made.pretrained,
        out=made.tokenizer,
        tokens=made.tokens,
        metrics=made.folder / "tokenizer.json",
    )
    train.run(
        chosen.train,
        chosen.model,
        chosen.track,
        tokens=made.tokens,
        tokenizer=made.tokenizer,
        pretrained=made.pretrained,
        out=made.model,
        metrics=made.folder / "train.json",
        curves=made.folder / "loss.csv",
    )


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Checkout, str]:
    """A checkout that has run the whole pipeline, and what `make run` printed, set-up apart."""
    made = check_out(tmp_path_factory.mktemp("checkout"))
    printed = made.run("xuxie", "pipeline").stdout
    made.run("git", "add", ".")
    made.run("git", "commit", "--quiet", "--message", "results")
    made.keep()
    return made, printed


@pytest.fixture
def project(first_run: tuple[Checkout, str]) -> Iterator[Checkout]:
    """The checkout after its first run; what a test changes in it is taken back."""
    made, _ = first_run
    yield made
    made.run("git", "checkout", "--", ".")
    made.run("dvc", "checkout", "--force", "--quiet")
    shutil.rmtree(made.folder / "scratch", ignore_errors=True)


@pytest.fixture
def in_folder(tmp_path: Path) -> Iterator[Path]:
    """An empty working directory."""
    with contextlib.chdir(tmp_path):
        yield tmp_path


@pytest.fixture
def no_experiment(monkeypatch: pytest.MonkeyPatch) -> None:
    """As under plain `dvc repro`, whatever started the tests."""
    for name in [name for name in os.environ if name.startswith("DVC_")]:
        monkeypatch.delenv(name)
