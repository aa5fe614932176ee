"""What has changed in data/raw since a model was trained, and the copy that the next is made of."""

import os
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from xuxie.errors import ExitCode, Refusal
from xuxie.proof.cache import Cache
from xuxie.retrain.due import raw
from xuxie.retrain.due.raw import Listing, at_addresses, change, latest_change, listed
from xuxie.retrain.training import snapshot


def changes(project: Path, before: Listing) -> tuple[list[str], list[str]]:
    found = change(before, listed(project, before))
    return found.changed, found.removed


def test_what_a_stage_fetches_is_not_the_teams_text(raw_project: Path) -> None:
    assert list(listed(raw_project, {})) == ["notes.txt", "team/more.txt"]


def test_nothing_is_changed_by_time_alone(raw_project: Path) -> None:
    before = listed(raw_project, {})
    os.utime(raw_project / "data/raw/notes.txt", (1, 1))
    shutil.copy(raw_project / "data/raw/notes.txt", raw_project / "copy")
    shutil.move(raw_project / "copy", raw_project / "data/raw/notes.txt")
    assert changes(raw_project, before) == ([], [])


def test_a_file_of_the_same_size_and_time_is_seen_to_differ(raw_project: Path) -> None:
    path = raw_project / "data/raw/notes.txt"
    before, seen = listed(raw_project, {}), path.stat()
    path.write_text("今天天气不好。\n")
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert changes(raw_project, before) == (["notes.txt"], [])


def test_new_changed_moved_and_removed_files(raw_project: Path) -> None:
    folder, before = raw_project / "data/raw", listed(raw_project, {})
    (folder / "new.jsonl").write_text("{}")
    (folder / "team/more.txt").rename(folder / "moved.txt")
    assert changes(raw_project, before) == (["new.jsonl"], ["team/more.txt"])
    (folder / "moved.txt").unlink()
    assert changes(raw_project, before) == (["new.jsonl"], ["team/more.txt"])


def test_known_files_are_not_read_again(raw_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, read = listed(raw_project, {}), []
    monkeypatch.setattr(raw, "content_of", lambda path: read.append(path.name) or "x")
    (raw_project / "data/raw/new.txt").write_text("新")
    listed(raw_project, before)
    assert read == ["new.txt"]


def test_the_latest_change_is_that_of_the_inode(raw_project: Path) -> None:
    # Copied with its times: the modification says last year, the arrival is now.
    os.utime(raw_project / "data/raw/notes.txt", (1, 1))
    latest = latest_change(raw_project)
    assert latest is not None
    assert latest > 1_000_000_000
    shutil.rmtree(raw_project / "data/raw")
    assert latest_change(raw_project) is None


def test_a_raw_folder_that_is_gone_is_empty(raw_project: Path) -> None:
    before = listed(raw_project, {})
    shutil.rmtree(raw_project / "data/raw")
    assert changes(raw_project, before) == ([], ["notes.txt", "team/more.txt"])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A web server of one folder; its address."""
    (tmp_path / "served").mkdir()
    (tmp_path / "served/a.txt").write_text("远处的文本。")

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            # The server passes what it always does; its types stand nowhere here.
            super().__init__(*args, directory=str(tmp_path / "served"))  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            """Nothing."""

    web = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{web.server_port}/a.txt"
    web.shutdown()
    web.server_close()


def test_an_address_that_cannot_be_reached_is_told() -> None:
    with pytest.raises(Refusal) as refused:
        at_addresses(["http://127.0.0.1:1/a.txt"])
    assert refused.value.code == ExitCode.UNAVAILABLE


def test_files_at_addresses_are_listed_by_their_marks(server: str) -> None:
    [(name, file)] = at_addresses([server]).items()
    assert name == f"{server}\na.txt"
    assert file.state == raw.REMOTE


def test_a_snapshot_holds_the_files_of_now_and_nothing_else(
    raw_project: Path, tmp_path: Path
) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(raw_project, checkout)
    (checkout / "data/raw/committed.txt").write_text("since removed\n")
    (checkout / "data/raw/notes.txt").write_text("as committed\n")
    (raw_project / "data/raw/big.txt.dvc").write_text("outs: []\n")
    (raw_project / "data/raw/out").symlink_to("/etc/hostname")
    found = snapshot.take(raw_project, checkout, Cache(tmp_path / "cache"))
    assert sorted(found) == ["notes.txt", "out", "team/more.txt"]
    copied = checkout / "data/raw"
    assert (copied / "notes.txt").read_text() == "今天天气很好。\n"
    assert not (copied / "committed.txt").exists()
    assert (copied / "out").is_symlink()
    assert (copied / "demo/statutes.jsonl").exists()
    assert (copied / "big.txt.dvc").exists()
    assert changes(raw_project, found) == ([], [])


def test_links_into_the_cache_are_copied_as_files(raw_project: Path, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    cache.folder.mkdir()
    (cache.folder / "object").write_text("缓存中的文本。")
    (raw_project / "data/raw/linked.txt").symlink_to(cache.folder / "object")
    (tmp_path / "checkout/data/raw").mkdir(parents=True)
    shutil.copy(raw_project / "dvc.yaml", tmp_path / "checkout")
    snapshot.take(raw_project, tmp_path / "checkout", cache)
    linked = tmp_path / "checkout/data/raw/linked.txt"
    assert not linked.is_symlink()
    assert linked.read_text() == "缓存中的文本。"
