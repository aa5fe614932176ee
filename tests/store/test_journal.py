"""Lines are only ever added, and what a crash left behind harms nothing."""

from pathlib import Path

import pytest

from xuxie.store.journal import append, entries


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "runs" / "journal.jsonl"
    for number in range(3):
        append(path, {"步": number})
    return path


def steps(path: Path, offset: int = 0) -> list[int]:
    return [entry["步"] for entry, _ in entries(path, offset)]


def test_entries_come_back_in_order(journal: Path) -> None:
    assert steps(journal) == [0, 1, 2]


def test_reading_goes_on_behind_any_entry(journal: Path) -> None:
    offsets = [offset for _, offset in entries(journal)]
    assert [steps(journal, offset) for offset in offsets] == [[1, 2], [2], []]
    assert offsets[-1] == journal.stat().st_size


def test_no_file_has_no_entries(tmp_path: Path) -> None:
    assert steps(tmp_path / "none.jsonl") == []


def test_a_half_line_is_no_entry(journal: Path) -> None:
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"\xe6')
    assert steps(journal) == [0, 1, 2]


def test_entries_after_a_half_line_are_whole(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes() + b'{"\xe6')
    append(journal, {"步": 3})
    assert steps(journal) == [0, 1, 2, 3]


def test_what_was_written_is_never_changed(journal: Path) -> None:
    before = journal.read_bytes()
    append(journal, {"步": 3})
    assert journal.read_bytes() == before + '{"步": 3}\n'.encode()


def test_a_lone_surrogate_comes_back(journal: Path) -> None:
    append(journal, {"步": "\udcd6"})
    assert next(reversed(list(entries(journal))))[0] == {"步": "\udcd6"}
