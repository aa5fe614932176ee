"""Divide the clean documents into train, val and test by group; refuse a leak."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xuxie.errors import Refusal, bad_data
from xuxie.split.assign import Part, assign
from xuxie.split.leak import LeakCheck
from xuxie.split.settings import SplitSettings
from xuxie.store.directories import whole_directory
from xuxie.store.files import write_json
from xuxie.store.records import Document, read_documents, write_documents


def run(settings: SplitSettings, *, clean: Path, out: Path, metrics: Path) -> None:
    counts: Counter[tuple[Part, str]] = Counter()
    check = LeakCheck()
    with whole_directory(out) as folder:
        for part in Part:
            documents = belonging(part, clean / "kept.parquet", settings)
            write_documents(folder / f"{part}.parquet", counted(documents, part, counts, check))
        if empty := [part for part in Part if not of(part, counts)]:
            raise too_few(empty)
    write_json(metrics, report(counts))


def belonging(part: Part, path: Path, settings: SplitSettings) -> Iterator[Document]:
    """One pass a split over the clean documents: memory stays flat however many there are."""
    for document in read_documents(path):
        group = assign(document.group, val=settings.val, test=settings.test, salt=settings.salt)
        if group is part:
            yield document


def counted(
    documents: Iterator[Document], part: Part, counts: Counter[tuple[Part, str]], check: LeakCheck
) -> Iterator[Document]:
    for document in documents:
        check.add(document, part)
        counts[part, document.source] += 1
        yield document


def of(part: Part, counts: Counter[tuple[Part, str]]) -> int:
    return sum(number for (name, _), number in counts.items() if name is part)


def report(counts: Counter[tuple[Part, str]]) -> dict[str, Any]:
    sources = sorted({source for _, source in counts})
    return {
        "documents": {part.value: of(part, counts) for part in Part},
        "sources": {
            source: {part.value: counts[part, source] for part in Part} for source in sources
        },
    }


def too_few(empty: list[Part]) -> Refusal:
    names = ", ".join(empty)
    return bad_data(
        f"文档太少，{names} 是空的；请增加文本，或调大 conf/split 里的 val 与 test",
        f"too few documents: {names} would be empty; add text, or raise val and test in conf/split",
    )
