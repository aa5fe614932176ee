"""One way into ingest: files by name in, documents and rejects out."""

import gzip
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from xuxie.config import Config
from xuxie.ingest import stage
from xuxie.ingest.settings import IngestSettings
from xuxie.store.records import Document, read_documents

Files = dict[str, bytes | str]


@pytest.fixture(scope="session")
def chosen(settings: Callable[..., Config]) -> Callable[..., IngestSettings]:
    """The settings of ingest under overrides such as "text_unit=line". Composed once each.

    Hydra fills an empty mapping only after a plus: "+encodings={*.txt: big5}".
    """

    @cache
    def compose(*overrides: str) -> IngestSettings:
        named = (re.sub(r"^(\+?)", r"\1ingest.", override) for override in overrides)
        return settings(*named).ingest

    return compose


@pytest.fixture
def ingest(tmp_path: Path, chosen: Callable[..., IngestSettings]) -> Callable[..., list[Document]]:
    """Write `files` below raw/, packing those that end in .gz, and run the stage into out/."""

    def run(files: Files, *overrides: str) -> list[Document]:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            path = tmp_path / "raw" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        stage.run(
            chosen(*overrides),
            raw=tmp_path / "raw",
            out=tmp_path / "out",
            arrivals=tmp_path / "arrivals",
            metrics=tmp_path / "metrics.json",
            cache=tmp_path / "cache.sqlite3",
        )
        return list(read_documents(tmp_path / "out" / "documents.parquet"))

    return run


@pytest.fixture
def rejects(
    tmp_path: Path, ingest: Callable[..., list[Document]]
) -> Callable[..., list[tuple[str, int, str, str]]]:
    """What is put aside of `files`, which stand beside a good one: file, place, reason, detail."""

    def run(files: Files, *overrides: str) -> list[tuple[str, int, str, str]]:
        ingest({"好.txt": "好文。", **files}, "on_error=quarantine", *overrides)
        lines = (tmp_path / "out" / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
        return [(e["file"], e["place"], e["reason"], e["detail"]) for e in map(json.loads, lines)]

    return run


@pytest.fixture
def report(tmp_path: Path) -> Callable[[], dict[str, Any]]:
    """The metrics that the stage wrote."""
    return lambda: json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
