"""One checkout that has run the whole pipeline; the tests of this folder share it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from checkout import Checkout, check_out


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Checkout, str]:
    """The checkout, and what `make run` printed there, set-up apart."""
    made = check_out(tmp_path_factory.mktemp("checkout"))
    printed = made.run("xuxie", "pipeline").stdout
    made.run("git", "add", ".")
    made.run("git", "commit", "--quiet", "--message", "results")
    return made, printed


@pytest.fixture
def project(first_run: tuple[Checkout, str]) -> Iterator[Checkout]:
    """The checkout after its first run; what a test changes in it is taken back."""
    made, _ = first_run
    yield made
    made.run("git", "checkout", "--", ".")
    made.run("dvc", "checkout", "--force", "--quiet")


@pytest.fixture
def model_folder(project: Checkout) -> Path:
    return project.folder / "models/gpt"
