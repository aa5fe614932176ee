"""What lies below the raw folder (C8, C12): links, pipes, odd names, globs. Nothing hangs."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.made import zipped
from xuxie.store.records import Document

Ingest = Callable[..., list[Document]]
Rejects = Callable[..., list[tuple[str, int, str, str]]]
Report = Callable[[], dict[str, Any]]


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


def test_links_that_leave_the_raw_folder_are_refused(
    raw: Path, tmp_path: Path, rejects: Rejects
) -> None:
    (tmp_path / "外").mkdir()
    (tmp_path / "外/密.txt").write_text("外")
    (raw / "一.txt").symlink_to(tmp_path / "外/密.txt")
    (raw / "二.txt").symlink_to("../外/密.txt")
    (raw / "三.txt").symlink_to("/etc/passwd")
    (raw / "四").symlink_to(tmp_path / "外")
    assert sorted(rejects({})) == [
        (name, 0, "outside", "a link") for name in sorted("一.txt 二.txt 三.txt 四".split())
    ]


def test_links_that_lead_nowhere_are_refused(raw: Path, rejects: Rejects) -> None:
    (raw / "甲.txt").symlink_to("乙.txt")
    (raw / "乙.txt").symlink_to("甲.txt")
    (raw / "空.txt").symlink_to("没有.txt")
    found = rejects({})
    assert {name for name, *_ in found} == {"甲.txt", "乙.txt", "空.txt"}
    assert {row[1:] for row in found} == {(0, "outside", "a link that leads nowhere")}


def test_a_link_to_the_folder_itself_is_not_followed(raw: Path, rejects: Rejects) -> None:
    (raw / "圈").symlink_to(raw)
    assert rejects({}) == [("圈", 0, "not_a_file", "a linked folder")]


def test_a_link_inside_the_raw_folder_is_read(raw: Path, ingest: Ingest) -> None:
    (raw / "链.txt").symlink_to("文.txt")
    assert [d.origin for d in ingest({"文.txt": "正文"})] == ["文.txt:1", "链.txt:1"]


def test_a_link_into_the_cache_of_dvc_is_read(
    raw: Path, ingest: Ingest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".dvc/cache/files/md5/ab").mkdir(parents=True)
    Path(".dvc/cache/files/md5/ab/cd").write_text("正文", encoding="utf-8")
    (raw / "文.txt").symlink_to(tmp_path / ".dvc/cache/files/md5/ab/cd")
    assert [(d.text, d.origin) for d in ingest({})] == [("正文", "文.txt:1")]


def test_pipes_sockets_and_devices_are_refused_without_waiting(
    raw: Path, rejects: Rejects, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(raw / "管.txt")
    os.mkfifo(raw / "管.jsonl.gz")
    monkeypatch.chdir(raw)  # a socket's path has at most 107 bytes
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("口.csv")
        found = rejects({})
    assert sorted(found) == [
        ("口.csv", 0, "not_a_file", "a socket"),
        ("管.jsonl.gz", 0, "not_a_file", "a pipe"),
        ("管.txt", 0, "not_a_file", "a pipe"),
    ]


def test_names_that_no_terminal_bears_are_spelled_out(
    ingest: Ingest, report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["红\x1b[31m.txt", os.fsdecode(b"\xb2\xe2.txt"), "行\n行.txt"]
    found = ingest(dict.fromkeys([*names, "红\x1b[31m.doc"], "正文"))
    assert sorted(d.origin for d in found) == [
        "\\udcb2\\udce2.txt:1",
        "红\\x1b[31m.txt:1",
        "行\\n行.txt:1",
    ]
    assert report()["ignored_files"] == ["红\\x1b[31m.doc"]
    assert "\x1b" not in capsys.readouterr().out


FILES = ["甲.txt", "书/乙.txt", "书/内/丙.txt", "书/丁.md"]


@pytest.mark.parametrize(
    ("include", "exclude", "read"),
    [
        (["**"], [], [0, 1, 2, 3]),
        (["*.txt"], [], [0]),
        (["**/*.txt"], [], [0, 1, 2]),
        (["书/*"], [], [1, 3]),
        (["书/**"], ["**/?.md"], [1, 2]),
        (["**"], ["书/**"], [0]),
        (["**/[丙]*"], [], []),
    ],
)
def test_globs_choose_files_and_the_rest_is_counted(
    ingest: Ingest, report: Report, include: list[str], exclude: list[str], read: list[int]
) -> None:
    found = ingest(
        {"好.jsonl": '{"text": "好"}', **{name: name for name in FILES}},
        f"include={[*include, '好.jsonl']}",
        f"exclude={exclude}",
    )
    wanted = sorted([FILES[n] for n in read])
    assert sorted(d.text for d in found if d.text != "好") == wanted
    assert report()["excluded"] == len(FILES) - len(wanted)


def test_a_glob_can_leave_out_members_of_an_archive(ingest: Ingest) -> None:
    made = zipped({"一.txt": b"one", "内/二.txt": b"two"})
    found = ingest({"包.zip": made}, "exclude=['包.zip/内/**']")
    assert [document.text for document in found] == ["one"]
