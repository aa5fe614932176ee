"""Read every file below data/raw into document records; list what could not be read."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

from tqdm import tqdm

from xuxie.errors import Refusal, bad_data
from xuxie.ingest.documents import document
from xuxie.ingest.files import FORMATS, found, named
from xuxie.ingest.readers import REASONS, Reject, rows
from xuxie.ingest.settings import IngestSettings
from xuxie.store.directories import whole_directory
from xuxie.store.files import write_json
from xuxie.store.journal import append
from xuxie.store.records import Document, write_documents

SHOWN = 5


def run(settings: IngestSettings, *, raw: Path, out: Path, metrics: Path) -> None:
    readable, ignored = found(raw)
    rejects: list[tuple[PurePath, Reject]] = []
    counts: Counter[str] = Counter()
    with whole_directory(out) as folder:
        documents = read(readable, raw, settings, rejects, counts)
        total = write_documents(folder / "documents.parquet", documents)
        if rejects and settings.on_error == "stop":
            raise refusal(raw, rejects)
        if not total:
            raise nothing(raw, ignored)
        (folder / "rejects.jsonl").touch()
        for path, reject in rejects:
            append(folder / "rejects.jsonl", entry(path, reject))
    unread = [named(path, raw) for path in ignored]
    write_json(metrics, report(total, counts, rejects, unread))
    for name in unread:
        print(f"未读取（格式不支持）| not read (unknown format): {raw / name}")


def read(
    files: list[Path],
    raw: Path,
    settings: IngestSettings,
    rejects: list[tuple[PurePath, Reject]],
    counts: Counter[str],
) -> Iterator[Document]:
    """The documents of `files` in order; fills `rejects`, and `counts` by source, as it goes."""
    for path in tqdm(files, desc="读取 ingest", unit=" file", disable=None):
        name = named(path, raw)
        for row in rows(path, name.as_posix(), settings):
            item = row if isinstance(row, Reject) else document(row, name, settings)
            if isinstance(item, Reject):
                rejects.append((name, item))
            else:
                counts[f"{item.source}/documents"] += 1
                counts[f"{item.source}/characters"] += len(item.text)
                yield item


def entry(path: PurePath, reject: Reject) -> dict[str, Any]:
    return {
        "file": path.as_posix(),
        "place": reject.place,
        "reason": reject.reason,
        "detail": reject.detail,
    }


def report(
    total: int,
    counts: Counter[str],
    rejects: list[tuple[PurePath, Reject]],
    unread: list[PurePath],
) -> dict[str, Any]:
    sources: dict[str, dict[str, int]] = {}
    for key, number in counts.items():
        source, _, what = key.rpartition("/")
        sources.setdefault(source, {})[what] = number
    return {
        "documents": total,
        "characters": sum(source["characters"] for source in sources.values()),
        "sources": sources,
        "rejected": dict(Counter(reject.reason for _, reject in rejects)),
        "ignored_files": [path.as_posix() for path in unread],
    }


def refusal(raw: Path, rejects: list[tuple[PurePath, Reject]]) -> Refusal:
    """All problems at once: the first few by name, the rest by number."""
    parts: tuple[list[str], list[str]] = ([], [])
    for name, reject in rejects[:SHOWN]:
        place = f"{raw / name}:{reject.place}" if reject.place else f"{raw / name}"
        for language, words in zip(parts, REASONS[reject.reason], strict=True):
            language.append(f"{place} {words} ({reject.detail})")
    rest = len(rejects) - SHOWN
    return bad_data(
        "；".join(parts[0])
        + (f"；另有 {rest} 处" if rest > 0 else "")
        + "。改正后重试，或设 ingest.on_error=quarantine 隔离它们",
        "; ".join(parts[1])
        + (f"; and {rest} more" if rest > 0 else "")
        + ". Mend them, or set ingest.on_error=quarantine to put them aside",
    )


def nothing(raw: Path, ignored: list[Path]) -> Refusal:
    formats = " ".join(sorted(FORMATS))
    return bad_data(
        f"{raw} 里没有可用的文档（忽略了 {len(ignored)} 个文件）；请放入 {formats} 文件，可加 .gz",
        f"0 usable documents in {raw} ({len(ignored)} files ignored);"
        f" put {formats} files there, plain or .gz",
    )
