"""A journal in which nothing can be changed, taken out or cut off unseen."""

from multiprocessing import get_context
from pathlib import Path

import pytest

from xuxie.store.ledger import append, broken, entries


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal.jsonl"
    for number in range(4):
        append(path, "verdict", {"number": number, "说明": "没有差别"})
    return path


def test_entries_come_back_in_their_order(journal: Path) -> None:
    assert [entry["number"] for entry in entries(journal)] == [0, 1, 2, 3]
    assert broken(journal) is None


@pytest.mark.parametrize("line", range(4))
def test_a_changed_entry_is_found(journal: Path, line: int) -> None:
    lines = journal.read_bytes().split(b"\n")
    lines[line] = lines[line].replace("没有".encode(), "显著".encode())
    journal.write_bytes(b"\n".join(lines))
    found = broken(journal)
    assert found is not None
    assert found.line == line + 2


@pytest.mark.parametrize("line", range(4))
def test_a_removed_entry_is_found(journal: Path, line: int) -> None:
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:line] + lines[line + 1 :]))
    found = broken(journal)
    assert found is not None
    assert found.line == line + 1


def test_a_half_line_was_no_entry(journal: Path) -> None:
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"kind": "verd')
    assert broken(journal) is None
    append(journal, "verdict", {"number": 4})
    assert broken(journal) is None
    assert journal.read_bytes().startswith(whole)
    assert [entry["number"] for entry in entries(journal)] == [0, 1, 2, 3, 4]


def test_a_crash_before_the_head_is_written_is_no_break(journal: Path) -> None:
    head = journal.with_suffix(".head")
    before = head.read_text()
    append(journal, "verdict", {"number": 4})
    head.write_text(before)
    assert broken(journal) is None


def many(path: Path) -> None:
    for number in range(20):
        append(path, "verdict", {"number": number})


def test_processes_that_write_at_once_make_one_chain(tmp_path: Path) -> None:
    path, processes = tmp_path / "journal.jsonl", get_context("fork")
    writers = [processes.Process(target=many, args=(path,)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(list(entries(path))) == 60
    assert broken(path) is None
