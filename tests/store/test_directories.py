"""A directory appears whole and sealed, or not at all."""

from pathlib import Path

import pytest

from xuxie.store.directories import whole_directory
from xuxie.store.manifest import verify


def write(path: Path, name: str = "新.txt", text: str = "新") -> None:
    with whole_directory(path) as folder:
        (folder / name).write_text(text)


def fail(path: Path) -> None:
    with pytest.raises(RuntimeError), whole_directory(path) as folder:
        (folder / "半.txt").write_text("半")
        raise RuntimeError


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_directory_is_sealed_and_nothing_else_is_left(tmp_path: Path) -> None:
    write(tmp_path / "深" / "out")
    assert names(tmp_path / "深") == {"out"}
    assert names(tmp_path / "深" / "out") == {"新.txt", "manifest.json", "COMPLETE"}
    assert verify(tmp_path / "深" / "out")


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    fail(tmp_path / "out")
    assert names(tmp_path) == set()


def test_an_error_leaves_the_old_result(tmp_path: Path) -> None:
    write(tmp_path / "out")
    fail(tmp_path / "out")
    assert names(tmp_path) == {"out"}
    assert (tmp_path / "out" / "新.txt").read_text() == "新"
    assert verify(tmp_path / "out")


def test_a_new_result_replaces_the_old_one_whole(tmp_path: Path) -> None:
    write(tmp_path / "out", "旧.txt", "旧")
    write(tmp_path / "out")
    assert names(tmp_path / "out") == {"新.txt", "manifest.json", "COMPLETE"}


def test_what_a_killed_attempt_left_does_not_enter_the_result(tmp_path: Path) -> None:
    (tmp_path / ".out.partial").mkdir()
    (tmp_path / ".out.partial" / "残.txt").write_text("残")
    write(tmp_path / "out")
    assert names(tmp_path) == {"out"}
    assert "残.txt" not in names(tmp_path / "out")
