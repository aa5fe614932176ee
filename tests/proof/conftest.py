"""The project as it was after its first run, whatever other tests have done to it."""

from collections.abc import Iterator

import pytest

from checkout import Checkout


@pytest.fixture
def project(first_run: tuple[Checkout, str]) -> Iterator[Checkout]:
    made, _ = first_run
    made.go_back()
    yield made
    made.go_back()
