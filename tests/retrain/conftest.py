"""The configuration as conf/ composes it."""

from pathlib import Path
from typing import Any

import pytest

from xuxie.params.compose import compose


@pytest.fixture(scope="session")
def plain_settings(root: Path) -> dict[str, Any]:
    return compose(root / "conf", [])
