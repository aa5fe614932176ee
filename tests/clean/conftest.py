"""One way into clean: texts in, kept and removed documents out."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from xuxie.clean import stage
from xuxie.config import Config
from xuxie.store.records import Document, content_id, write_documents


@pytest.fixture
def document() -> Callable[..., Document]:
    """A document of a text; its other fields follow from the text."""

    def made(text: str, **fields: Any) -> Document:
        name = content_id(text)
        plain = Document(name, text, "甲", "", name, 0, None, "ours", "甲.txt:1", 1)
        return replace(plain, **fields)

    return made


@pytest.fixture
def clean(tmp_path: Path, settings: Callable[..., Config]) -> Callable[..., Path]:
    """Run the stage on documents under overrides of its settings; returns the folder of results."""

    def run(documents: Sequence[Document], *overrides: str) -> Path:
        made = tmp_path / "in"
        made.mkdir(exist_ok=True)
        write_documents(made / "documents.parquet", documents)
        chosen = settings("engine.workers=1", *(f"clean.{override}" for override in overrides))
        stage.run(
            chosen.clean,
            chosen.engine,
            documents=made,
            out=tmp_path / "out",
            metrics=tmp_path / "clean.json",
            reasons=tmp_path / "reasons.csv",
            lengths=tmp_path / "lengths.csv",
            report=tmp_path / "clean.html",
        )
        return tmp_path

    return run


@pytest.fixture
def table() -> Callable[[Path], list[dict[str, Any]]]:
    """The rows of a Parquet file."""
    return lambda path: pq.read_table(path).to_pylist()
