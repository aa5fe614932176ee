"""Documents of named groups."""

from collections.abc import Callable

import pytest

from xuxie.store.records import Document, content_id


@pytest.fixture
def document() -> Callable[..., Document]:
    def made(
        text: str, group: str = "", *, source: str = "甲", origin: str = "甲.txt:1"
    ) -> Document:
        name = content_id(text)
        return Document(name, text, source, "", group or name, 0, None, "ours", origin, 1)

    return made
