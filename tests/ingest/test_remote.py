"""Addresses: read only where a setting names them, by real file systems of fsspec."""

import gzip
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest

from ingest.made import zipped
from xuxie.errors import Refusal
from xuxie.store.records import Document

Ingest = Callable[..., list[Document]]
Report = Callable[[], dict[str, Any]]


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    """A file system in memory with a few files."""
    system = fsspec.filesystem("memory")
    files = {
        "桶/书/一.txt": "一".encode(),
        "桶/书/内/二.jsonl.gz": gzip.compress('{"text": "二"}'.encode()),
        "桶/书/三.zip": zipped({"三.txt": "三".encode()}),
        "桶/书/图.png": b"",
        "桶/别.txt": "别".encode(),
    }
    for name, content in files.items():
        system.pipe_file(f"/{name}", content)
    yield system
    system.rm("/桶", recursive=True)


@pytest.mark.usefixtures("memory")
@pytest.mark.parametrize(
    ("address", "read"),
    [
        (
            "memory://桶/书",
            [("一", "一.txt:1"), ("三", "三.zip/三.txt:1"), ("二", "内/二.jsonl.gz:1")],
        ),
        ("memory://桶/书/*.txt", [("一", "一.txt:1")]),
        ("memory://桶/**/*.jsonl.gz", [("二", "书/内/二.jsonl.gz:1")]),
        ("memory://桶/别.txt", [("别", "别.txt:1")]),
    ],
)
def test_an_address_gives_its_files(
    ingest: Ingest, address: str, read: list[tuple[str, str]]
) -> None:
    found = ingest({"本.txt": "本"}, f"addresses=['{address}']")
    assert [(d.text, d.origin) for d in found] == [("本", "本.txt:1"), *read]


@pytest.mark.usefixtures("memory")
def test_nothing_is_read_from_elsewhere_unless_named(ingest: Ingest, report: Report) -> None:
    assert len(ingest({"本.txt": "本"})) == 1
    ingest({}, "addresses=['memory://桶/书']")
    assert report()["ignored_files"] == ["图.png"]


def test_a_remote_file_that_changed_is_read_again(
    ingest: Ingest, memory: fsspec.AbstractFileSystem
) -> None:
    address = "addresses=['memory://桶/别.txt']"
    assert [d.text for d in ingest({}, address)] == ["别"]
    memory.pipe_file("/桶/别.txt", "换".encode())
    assert [d.text for d in ingest({}, address)] == ["换"]


class Quiet(SimpleHTTPRequestHandler):
    """Files of a folder without a word on stderr; counts what is fetched."""

    fetched: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.fetched.append(self.path)
        super().do_GET()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of an HTTP server with two files and a page with a link."""
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "a.jsonl.gz").write_bytes(gzip.compress('{"text": "网上"}\n{"text": 1}'.encode()))
    (folder / "page.html").write_text("<p>页面<a href='a.jsonl.gz'>链</a></p>", encoding="utf-8")
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listener:
        thread = threading.Thread(target=listener.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listener.server_port}"
        listener.shutdown()
        thread.join()


def test_a_file_on_the_web_is_read(ingest: Ingest, server: str, report: Report) -> None:
    address = f"addresses=['{server}/a.jsonl.gz']"
    (found,) = ingest({}, address, "on_error=quarantine")
    assert (found.text, found.origin, found.source) == ("网上", "a.jsonl.gz:1", "a")
    assert report()["rejects_by_file"] == {"a.jsonl.gz": 1}


def test_a_page_with_links_is_one_page(ingest: Ingest, server: str) -> None:
    (found,) = ingest({}, f"addresses=['{server}/page.html']")
    assert (found.text, found.origin) == ("页面链", "page.html:1")


def test_a_file_that_is_not_there_is_refused_with_its_address(ingest: Ingest, server: str) -> None:
    with pytest.raises(Refusal, match=rf"cannot read {server}/none.txt") as caught:
        ingest({}, f"addresses=['{server}/none.txt']")
    assert caught.value.code == 69


def test_a_server_that_does_not_answer_is_refused(ingest: Ingest) -> None:
    with pytest.raises(Refusal, match=r"check address, network, credentials") as caught:
        ingest({}, "addresses=['http://127.0.0.1:1/a.txt']")
    assert caught.value.code == 69


@pytest.mark.parametrize(
    ("scheme", "package", "told"),
    [("s3", "s3fs", r"pip install 'xuxie\[s3\]'"), ("gs", "gcsfs", "gcsfs")],
)
def test_a_missing_package_is_named(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch, scheme: str, package: str, told: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    with pytest.raises(Refusal, match=told) as caught:
        ingest({}, f"addresses=['{scheme}://bucket/*.jsonl.gz']")
    assert caught.value.code == 69


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "/etc/passwd", "s3://key:secret@bucket/a", "zip::s3://b/a"]
)
def test_other_addresses_are_no_setting(ingest: Ingest, address: str) -> None:
    with pytest.raises(Refusal) as caught:
        ingest({}, f"addresses=['{address}']")
    assert caught.value.code == 64
