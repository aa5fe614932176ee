"""Which files are read, when the stage refuses, and what it leaves behind."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xuxie.errors import Refusal
from xuxie.ingest.batches import batches
from xuxie.ingest.settings import IngestSettings
from xuxie.store.manifest import verify
from xuxie.store.records import Document

Ingest = Callable[..., list[Document]]
Rejects = Callable[..., list[tuple[str, int, str, str]]]
Report = Callable[[], dict[str, Any]]
BLANKS = {"空.txt": "", "白.txt": " \n\u3000\n", "表.jsonl": '{"text": " "}', "页.html": "<p> "}
BAD = dict.fromkeys([f"坏{number}.txt" for number in range(7)], b"\xff")


def test_files_are_read_in_the_order_of_their_paths(ingest: Ingest) -> None:
    names = ["乙/甲.txt", "a.md", "乙.txt", "b/c/d.txt"]
    found = ingest({name: name for name in names})
    assert [document.text for document in found] == sorted(names, key=lambda name: Path(name))


def test_hidden_files_and_our_own_manifests_are_skipped(ingest: Ingest, report: Report) -> None:
    hidden = [".隐.txt", ".git/文.txt", "demo/manifest.json", "demo/COMPLETE", "文.txt.dvc"]
    found = ingest({"demo/文.txt": "正文", **dict.fromkeys(hidden, "不读")})
    assert [document.text for document in found] == ["正文"]
    assert report()["ignored_files"] == []


def test_files_of_unknown_formats_are_listed_and_told(
    ingest: Ingest, report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    unknown = ["书.doc", "内/说明", "包.rar", "表.json"]
    ingest({"文.txt": "正文", **dict.fromkeys(unknown, "不读")})
    assert report()["ignored_files"] == unknown
    told = capsys.readouterr().out
    assert [name in told for name in unknown] == [True] * 4


def test_metrics_count_documents_and_characters_by_source(
    ingest: Ingest, report: Report, tmp_path: Path
) -> None:
    rows = '{"text": "一二三", "source": "甲/乙"}\n{"text": "四", "source": "甲/乙"}\n坏\n'
    ingest({"表.jsonl": rows, "文.txt": "五六"}, "on_error=quarantine")
    assert report() == {
        "documents": 3,
        "characters": 6,
        "sources": {
            "甲/乙": {"documents": 2, "characters": 4},
            "文": {"documents": 1, "characters": 2},
        },
        "arrivals": {"1": 3},
        "rejected": {"broken_json": 1},
        "rejects_by_file": {"表.jsonl": 1},
        "blank": 0,
        "pages_without_text": 0,
        "replacement_characters": 0,
        "encodings": {"utf-8": 2},
        "byte_order_marks": {},
        "ignored": 0,
        "ignored_files": [],
        "excluded": 0,
    }
    assert verify(tmp_path / "out")


def test_stop_names_the_first_five_and_counts_the_rest(ingest: Ingest, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as caught:
        ingest({"好.txt": "好文。", **BAD})
    chinese, english = str(caught.value).split(" | ")
    for said in (chinese, english):
        assert [name for name in BAD if name in said] == list(BAD)[:5]
        assert "ingest.on_error=quarantine" in said
    assert "另有 2 处" in chinese and "and 2 more" in english
    assert caught.value.code == 65
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache.sqlite3", "raw"]


def test_stop_names_a_line_and_counts_nothing_where_five_are_all(ingest: Ingest) -> None:
    with pytest.raises(Refusal, match=r"表\.jsonl:5 不是合法的 JSON 对象") as caught:
        ingest({"表.jsonl": "坏\n" * 5})
    assert "more" not in str(caught.value) and "另有" not in str(caught.value)


def test_quarantine_lists_everything_and_keeps_the_rest(rejects: Rejects) -> None:
    assert rejects({**BAD}) == [(name, 0, "not_utf8", "byte 0") for name in BAD]


def test_a_run_without_rejects_has_an_empty_list(ingest: Ingest, tmp_path: Path) -> None:
    ingest({"文.txt": "正文"})
    assert (tmp_path / "out" / "rejects.jsonl").read_bytes() == b""


@pytest.mark.parametrize("files", [{}, {"书.doc": "不读"}, {"空.jsonl": "\n"}, BLANKS])
def test_an_empty_corpus_is_refused(
    ingest: Ingest, tmp_path: Path, files: dict[str, bytes | str]
) -> None:
    with pytest.raises(Refusal, match=r"没有可用的文档.*0 usable documents in .*\.jsonl") as caught:
        ingest(files)
    assert caught.value.code == 65
    assert f"({len([n for n in files if n.endswith('.doc')])} files ignored)" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_the_same_files_give_the_same_bytes(ingest: Ingest, tmp_path: Path) -> None:
    def digest() -> str:
        return hashlib.sha256((tmp_path / "out/documents.parquet").read_bytes()).hexdigest()

    ingest({"乙.txt": "二\n\n三", "甲.jsonl": '{"text": "一"}'}, "text_unit=paragraph")
    first = digest()
    ingest({}, "text_unit=paragraph")
    assert digest() == first


@pytest.mark.parametrize("name", ["文.txt", "文.jsonl", "文.csv", "文.txt.gz", "文.tar", "文.html"])
def test_a_disk_that_fails_is_not_taken_for_a_damaged_file(
    name: str, tmp_path: Path, chosen: Callable[..., IngestSettings]
) -> None:
    # Each read fails, as on a failing disk: the descriptor is one for writing only.
    (tmp_path / "file").write_bytes(b"a" * 2000)
    with (
        os.fdopen(os.open(tmp_path / "file", os.O_WRONLY), "rb") as failing,
        pytest.raises(OSError, match="Bad file descriptor"),
    ):
        list(batches(name, failing, chosen(), tmp_path))


def test_a_file_name_that_is_not_utf8_is_spelled_out(ingest: Ingest, report: Report) -> None:
    names = [os.fsdecode(b"\xb2\xe2.txt"), os.fsdecode(b"\xb2\xe2.doc")]
    [document] = ingest(dict.fromkeys(names, "正文"))
    assert document.origin == "\\udcb2\\udce2.txt:1"
    assert report()["ignored_files"] == ["\\udcb2\\udce2.doc"]


def test_the_group_of_paragraphs_does_not_depend_on_where_the_raw_folder_lies(
    ingest: Ingest,
) -> None:
    found = ingest({"书/一.txt": "第一段。\n\n第二段。"}, "text_unit=paragraph")
    assert [(document.group, document.position) for document in found] == [
        ("书/一.txt", 0),
        ("书/一.txt", 1),
    ]
