"""The cache saves time and changes nothing: not what is read, not when it is damaged."""

import hashlib
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ingest.made import word, zipped
from xuxie.ingest.settings import IngestSettings
from xuxie.store.records import Document

Ingest = Callable[..., list[Document]]
Chosen = Callable[..., IngestSettings]
# What a file changes within so short a time may stay unnoticed: nothing younger is kept.
SETTLING = 0.06
RUN = """
import json, sys
from pathlib import Path
from xuxie.ingest import stage
from xuxie.ingest.settings import IngestSettings
folder, opened = Path(sys.argv[1]), []
def watch(event, arguments):
    if event == "open" and "/raw/" in str(arguments[0]):
        opened.append(Path(str(arguments[0])).name)
sys.addaudithook(watch)
chosen = IngestSettings.model_validate_json((folder / "settings.json").read_text())
stage.run(chosen, raw=folder / "raw", out=folder / "out", arrivals=folder / "arrivals",
          metrics=folder / "metrics.json", cache=folder / "cache.sqlite3")
print(json.dumps(sorted(opened)))
"""


def files_opened(folder: Path) -> list[str]:
    """Ingest `folder`/raw in a process of its own; the raw files that it opened."""
    time.sleep(SETTLING)
    words = [sys.executable, "-c", RUN, str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture
def project(tmp_path: Path, chosen: Chosen) -> Path:
    """Small files of several formats, some of them bad."""
    raw = tmp_path / "raw"
    raw.mkdir()
    write_texts(raw, 10)
    (raw / "表.jsonl").write_text('{"text": "行"}\n坏\n' * 5000, encoding="utf-8")
    (raw / "包.zip").write_bytes(zipped({"一.txt": b"one", "二.txt": b"\xff", "三.png": b""}))
    (raw / "书.docx").write_bytes(word("段。"))
    (raw / "坏.txt").write_bytes(b"\xff")
    (tmp_path / "settings.json").write_text(chosen("on_error=quarantine").model_dump_json())
    return tmp_path


def write_texts(raw: Path, count: int) -> None:
    for number in range(count):
        (raw / f"{number}.txt").write_text(f"第{number}篇。", encoding="utf-8")


def results(folder: Path) -> dict[str, str]:
    paths = [p for part in ("out", "arrivals") for p in (folder / part).iterdir()]
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in [*paths, folder / "metrics.json"]
    }


def test_only_new_and_changed_files_are_opened(project: Path) -> None:
    write_texts(project / "raw", 400)
    names = sorted(path.name for path in (project / "raw").iterdir())
    assert files_opened(project) == names
    first = results(project)
    assert files_opened(project) == []
    assert results(project) == first
    (project / "raw/新.txt").write_text("新篇。", encoding="utf-8")
    (project / "raw/7.txt").write_text("改过。", encoding="utf-8")
    (project / "raw/8.txt").unlink()
    assert files_opened(project) == ["7.txt", "新.txt"]


def test_results_with_and_without_a_cache_are_the_same_bytes(ingest: Ingest, project: Path) -> None:
    def run() -> dict[str, str]:
        time.sleep(SETTLING)
        ingest({}, "on_error=quarantine")
        return results(project)

    first = run()
    assert run() == first
    (project / "cache.sqlite3").unlink()
    (project / "raw/新.txt").write_text("新篇。", encoding="utf-8")
    afresh = run()
    assert run() == afresh != first


def test_other_settings_read_everything_again(project: Path, chosen: Chosen) -> None:
    first = files_opened(project)
    settings = chosen("on_error=quarantine", "text_unit=line")
    (project / "settings.json").write_text(settings.model_dump_json())
    assert files_opened(project) == first


def test_files_that_are_gone_leave_the_cache(ingest: Ingest, project: Path) -> None:
    time.sleep(SETTLING)
    ingest({}, "on_error=quarantine")
    for number in range(10):
        (project / f"raw/{number}.txt").unlink()
    ingest({}, "on_error=quarantine")
    with closing(sqlite3.connect(project / "cache.sqlite3")) as database:
        names = {name for (name,) in database.execute("SELECT name FROM files")}
    assert names == {"表.jsonl", "包.zip", "书.docx", "坏.txt"}


def spoilt_batches(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE batches SET documents = x'00ff' WHERE number > 0 OR name < '5'")


def spoilt_counts(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE files SET batches = 'many' WHERE name < '5'")
        database.execute("DELETE FROM batches WHERE name LIKE '表%' AND number = 1")
        database.execute("UPDATE batches SET rest = NULL, digest = 5 WHERE name > '5'")


def other_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript("DROP TABLE batches; CREATE TABLE batches (other TEXT);")


def overwritten(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for place in range(5000, len(content), 997):
        content[place] ^= 0xFF
    path.write_bytes(content)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "no database": lambda path: path.write_bytes(b"no database" * 1000),
    "empty": lambda path: path.write_bytes(b""),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "flipped": overwritten,
    "batches": spoilt_batches,
    "counts": spoilt_counts,
    "tables": other_tables,
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_cache_changes_nothing(
    ingest: Ingest, tmp_path: Path, damage: str, project: Path
) -> None:
    ingest({}, "on_error=quarantine")
    time.sleep(SETTLING)
    ingest({}, "on_error=quarantine")
    first = results(project)
    DAMAGE[damage](tmp_path / "cache.sqlite3")
    ingest({}, "on_error=quarantine")
    assert results(project) == first
    ingest({}, "on_error=quarantine")
    assert results(project) == first


def test_a_cache_that_another_process_holds_is_left_aside(
    ingest: Ingest, tmp_path: Path, project: Path
) -> None:
    time.sleep(SETTLING)
    ingest({}, "on_error=quarantine")
    first = results(project)
    with closing(sqlite3.connect(tmp_path / "cache.sqlite3")) as database:
        database.execute("BEGIN EXCLUSIVE")
        ingest({}, "on_error=quarantine")
    assert results(project) == first


def test_a_place_where_no_cache_can_be_is_no_error(ingest: Ingest, project: Path) -> None:
    (project / "cache.sqlite3").symlink_to("/proc/none/cache.sqlite3")
    assert len(ingest({}, "on_error=quarantine")) == 10 + 5000 + 2
