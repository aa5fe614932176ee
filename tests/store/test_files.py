"""Files appear whole or not at all, and their bytes depend on the value alone."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from xuxie.store.files import write_bytes, write_csv, write_json, write_text

LIMIT = 1 << 20


@pytest.fixture
def full_disk() -> Iterator[None]:
    """Writing beyond LIMIT bytes fails, as on a full disk."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, old[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, old)


def test_one_value_gives_one_sequence_of_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    write_json(one, {"乙": 1, "甲": [0.5, "文本"]})
    write_json(other, {"甲": [0.5, "文本"], "乙": 1})
    assert one.read_bytes() == other.read_bytes()
    assert one.read_text() == '{\n  "乙": 1,\n  "甲": [\n    0.5,\n    "文本"\n  ]\n}\n'


def test_a_number_that_json_cannot_hold_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "scores.json"
    write_json(path, {"loss": 1.0})
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"loss": float("nan")})
    assert path.read_text() == '{\n  "loss": 1.0\n}\n'


@pytest.mark.usefixtures("full_disk")
def test_the_old_file_stays_whole_when_the_disk_is_full(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    write_bytes(path, b"old")
    with pytest.raises(OSError, match="File too large"):
        write_bytes(path, bytes(2 * LIMIT))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_written_into_folders_that_did_not_exist(tmp_path: Path) -> None:
    path = tmp_path / "深" / "更深" / "文.txt"
    write_text(path, "一行\n")
    assert path.read_bytes() == "一行\n".encode()


def test_a_cell_with_a_comma_is_quoted(tmp_path: Path) -> None:
    write_csv(tmp_path / "table.csv", ("来源", "n"), [("甲,乙", 1), ('"丙"', 2)])
    assert (tmp_path / "table.csv").read_text() == '来源,n\n"甲,乙",1\n"""丙""",2\n'
