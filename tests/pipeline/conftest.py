"""Where the project's model lies."""

from pathlib import Path

import pytest

from checkout import Checkout


@pytest.fixture
def model_folder(project: Checkout) -> Path:
    return project.folder / "models/gpt"
