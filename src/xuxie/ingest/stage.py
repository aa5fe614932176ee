"""Read every file below data/raw into document records; list what could not be read."""

import json
import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, TextIO, cast

from tqdm import tqdm

from xuxie.ingest.arrivals import Register, begins_anew, load_register, save_register
from xuxie.ingest.batches import Batch, batches, refused
from xuxie.ingest.cache import Cache, opened_cache
from xuxie.ingest.remote import RemoteFile, copied, remote_files
from xuxie.ingest.report import Tally, entry, nothing, refusal
from xuxie.ingest.rows import Unreadable
from xuxie.ingest.settings import IngestSettings
from xuxie.ingest.spool import Spool, characters
from xuxie.ingest.tree import Entry, found, opened
from xuxie.store.directories import whole_directory
from xuxie.store.files import write_json

CACHE = Path("runs/ingest/read.sqlite3")
LOCK = Path("dvc.lock")
# Clocks of file systems tick up to every 10 ms: what changed that lately may change unnoticed.
SETTLED_NS = 50_000_000


def run(
    settings: IngestSettings,
    *,
    raw: Path,
    out: Path,
    arrivals: Path,
    metrics: Path,
    cache: Path = CACHE,
) -> None:
    if begins_anew(arrivals, LOCK):
        print(lost_register(arrivals))
    register, tally = load_register(arrivals), Tally()
    with whole_directory(out) as folder, TemporaryFile(dir=folder) as scratch:
        spool = Spool(cast(BinaryIO, scratch))
        with opened_cache(cache, settings) as kept:
            read_all(settings, raw, folder, kept, (register, spool, tally))
            kept.forget_unused()
        if tally.first and settings.on_error == "stop":
            raise refusal(raw, tally)
        if not tally.documents:
            raise nothing(raw, len(tally.ignored))
        spool.write(folder / "documents.parquet")
    save_register(arrivals, register)
    write_json(metrics, tally.report())
    for name in sorted(tally.ignored):
        print(f"未读取（格式不支持）| not read (unknown format): {raw / name}")


def read_all(
    settings: IngestSettings,
    raw: Path,
    folder: Path,
    cache: Cache,
    sinks: tuple[Register, Spool, Tally],
) -> None:
    """Pass every batch on to the register, the spool, the tally and the list of rejects."""
    tally = sinks[2]
    local = found(raw, settings)
    remote: list[RemoteFile] = []
    for address in settings.addresses:
        reachable, ignored = remote_files(address)
        remote += reachable
        tally.ignored += ignored
    tally.ignored += local.ignored
    tally.excluded = local.excluded
    files: list[Entry | RemoteFile] = [*local.entries, *remote]
    with (folder / "rejects.jsonl").open("w", encoding="utf-8") as rejects:
        for file in tqdm(files, desc="读取 ingest", unit=" file", disable=None):
            if isinstance(file, Entry):
                made = local_batches(file, settings, folder, cache)
            else:
                made = remote_batches(file, settings, folder, cache)
            for batch in made:
                keep(batch, rejects, *sinks)


def keep(batch: Batch, rejects: TextIO, register: Register, spool: Spool, tally: Tally) -> None:
    for name, reject in batch.rejects:
        tally.reject(name, reject)
        line = json.dumps(entry(name, reject), ensure_ascii=False, sort_keys=True) + "\n"
        rejects.write(line.encode(errors="backslashreplace").decode())
    tally.notes.update(batch.notes)
    tally.ignored += batch.ignored
    if not len(batch.documents):
        return
    numbers = register.numbered(batch.documents["id"].to_pylist())
    spool.add(batch.documents, numbers)
    tally.arrivals.update(numbers.tolist())
    for source, (documents, length) in characters(batch.documents).items():
        tally.documents[source] += documents
        tally.characters[source] += length


def local_batches(
    file: Entry, settings: IngestSettings, folder: Path, cache: Cache
) -> Iterator[Batch]:
    """The file's batches, from the cache if it did not change since."""
    if file.path is None or file.problem is not None:
        if file.problem is not None:
            yield refused(file.name, file.problem)
        return
    state = os.lstat(file.path)
    key = f"{state.st_size}:{state.st_mtime_ns}:{state.st_ctime_ns}:{state.st_ino}"
    fresh = partial(read_local, file.name, file.path, settings, folder)
    settled = time.time_ns() - state.st_ctime_ns > SETTLED_NS
    yield from cache.through(file.name, key, fresh) if settled else fresh()


def read_local(name: str, path: Path, settings: IngestSettings, folder: Path) -> Iterator[Batch]:
    try:
        content = opened(path)
    except Unreadable as error:
        yield refused(name, error.reject)
        return
    with content:
        yield from batches(name, content, settings, folder)


def remote_batches(
    file: RemoteFile, settings: IngestSettings, folder: Path, cache: Cache
) -> Iterator[Batch]:
    name = f"{file.address}\n{file.name}"
    fresh = partial(read_remote, file, settings, folder)
    yield from cache.through(name, file.key, fresh) if file.key else fresh()


def read_remote(file: RemoteFile, settings: IngestSettings, folder: Path) -> Iterator[Batch]:
    with copied(file, folder) as content:
        yield from batches(file.name, content, settings, folder)


def lost_register(arrivals: Path) -> str:
    return (
        f"注意：没有 {arrivals}，所有文档都算第一批；如项目有历史，请先运行 dvc pull {arrivals}"
        f" 或 dvc checkout {arrivals} | note: no {arrivals}, so every document counts as the first"
        f" batch; if the project has a history, run dvc pull {arrivals} or"
        f" dvc checkout {arrivals} first"
    )
