"""Packed files and archives (C7): read within limits, by no name that leads elsewhere."""

import gzip
import io
import zipfile
from collections.abc import Callable

import pytest

from ingest.made import tarred, zipped, zstd
from xuxie.store.records import Document

Ingest = Callable[..., list[Document]]
Rejects = Callable[..., list[tuple[str, int, str, str]]]
MEMBERS = {"书/甲.txt": "甲文。".encode(), "表.jsonl": '{"text": "一"}\n{"text": "二"}\n'.encode()}
ARCHIVES: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "包.zip": zipped,
    "包.tar": tarred,
    "包.tgz": lambda members: tarred(members, mode="w:gz"),
    "包.TAR.GZ": lambda members: tarred(members, mode="w:gz"),
    "包.tar.zst": lambda members: zstd(tarred(members)),
    "包.zip.zst": lambda members: zstd(zipped(members)),
}
MIB = 1 << 20
SMALL = ("limits.free_mib=1", "limits.ratio=100")


@pytest.mark.parametrize("name", ARCHIVES)
def test_each_member_of_an_archive_is_a_file(ingest: Ingest, name: str) -> None:
    found = ingest({name: ARCHIVES[name](MEMBERS)})
    assert [(d.text, d.origin, d.source) for d in found] == [
        ("甲文。", f"{name}/书/甲.txt:1", "包"),
        ("一", f"{name}/表.jsonl:1", "包"),
        ("二", f"{name}/表.jsonl:2", "包"),
    ]


def test_a_file_may_be_packed_by_zstd(ingest: Ingest) -> None:
    # Two frames one after the other are one file, as with gzip.
    (found,) = ingest({"文.txt.zst": zstd("上半，".encode()) + zstd("下半。".encode())})
    assert (found.text, found.origin, found.source) == ("上半，下半。", "文.txt.zst:1", "文")


@pytest.mark.parametrize("name", ["包.zip", "包.tar"])
@pytest.mark.parametrize(
    "inner", ["../外.txt", "/etc/外.txt", "甲/../../外.txt", "..\\外.txt", "C:\\外.txt", "C:外.txt"]
)
def test_a_name_that_leaves_the_archive_is_refused(rejects: Rejects, name: str, inner: str) -> None:
    made = ARCHIVES[name]({inner: b"text", "里.txt": "里".encode()})
    ((file, place, reason, _),) = rejects({name: made})
    assert (file.startswith(f"{name}/"), place, reason) == (True, 0, "unsafe_name")


@pytest.mark.parametrize("name", ["包.zip", "包.tgz"])
@pytest.mark.parametrize("inner", ["内.zip", "内.tar.gz", "内.txt.gz", "内.tar", "内.txt.zst"])
def test_a_packed_file_in_an_archive_is_refused(rejects: Rejects, name: str, inner: str) -> None:
    made = ARCHIVES[name]({inner: zipped(MEMBERS)})
    assert rejects({name: made}) == [(f"{name}/{inner}", 0, "nested_archive", "packed twice")]


def test_a_link_in_an_archive_is_refused(rejects: Rejects) -> None:
    made = tarred({"文.txt": b"text"}, {"链.txt": "/etc/passwd"})
    assert rejects({"包.tar": made}) == [("包.tar/链.txt", 0, "not_a_file", "a link or a device")]


def encrypted() -> bytes:
    """A zip whose one member says that it is encrypted (bit 0 of its flags, in both headers)."""
    made = bytearray(zipped({"密.txt": b"text"}))
    made[6] |= 1
    made[made.index(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


def test_an_encrypted_archive_is_named_once(rejects: Rejects) -> None:
    assert rejects({"包.zip": encrypted()}) == [("包.zip", 0, "encrypted", "1 of 1 members")]


BOMBS: dict[str, Callable[[bytes], bytes]] = {
    "文.txt.GZ": gzip.compress,
    "文.txt.zst": zstd,
    "包.zip": lambda content: zipped({"文.txt": content}),
    "包.tgz": lambda content: gzip.compress(tarred({"文.txt": content})),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_stopped(rejects: Rejects, name: str) -> None:
    bomb = BOMBS[name](bytes(4 * MIB))
    assert len(bomb) * 100 < 4 * MIB
    assert [found[:3] for found in rejects({name: bomb}, *SMALL)] == [(name, 0, "bomb")]


@pytest.mark.parametrize("name", BOMBS)
def test_too_much_is_stopped_whatever_the_ratio(rejects: Rejects, name: str) -> None:
    made = BOMBS[name](bytes(4 * MIB))
    found = rejects({name: made}, "limits.unpacked_mib=2")
    assert [row[:3] for row in found] == [(name, 0, "bomb")]


@pytest.mark.parametrize("name", BOMBS)
def test_a_file_that_repeats_itself_is_no_bomb(ingest: Ingest, name: str) -> None:
    (found,) = ingest({name: BOMBS[name](b"a" * 4 * MIB)})
    assert len(found.text) == 4 * MIB


def test_a_member_after_the_bomb_is_not_read_and_those_before_it_are(ingest: Ingest) -> None:
    made = zipped({"一.txt": "一".encode(), "二.txt": bytes(4 * MIB), "三.txt": "三".encode()})
    found = ingest({"包.zip": made}, "on_error=quarantine", *SMALL)
    assert [document.text for document in found] == ["一"]


def test_an_archive_of_too_many_members_is_refused(rejects: Rejects) -> None:
    made = {f"{number}.txt": b"text" for number in range(4)}
    for name in ("包.zip", "包.tar"):
        found = rejects({name: ARCHIVES[name](made)}, "limits.members=3")
        assert ("bomb", "more than 3 members") in [row[2:] for row in found]


def test_damage_to_one_member_leaves_the_others(ingest: Ingest) -> None:
    made = bytearray(zipped({"一.txt": "一".encode() * 50, "二.txt": "二".encode()}))
    made[made.index("一.txt".encode()) + 8] ^= 0xFF
    found = ingest({"包.zip": bytes(made)}, "on_error=quarantine")
    assert [document.text for document in found] == ["二"]


@pytest.mark.parametrize("name", ["包.zip", "包.tar", "包.tgz", "包.tar.zst"])
def test_half_an_archive_is_named(rejects: Rejects, name: str) -> None:
    content = bytes(range(256)) * 20
    made = ARCHIVES[name]({"一.txt": content, "二.txt": content[::-1]})
    found = rejects({name: made[: len(made) // 2]})
    assert "broken_file" in {reason for _, _, reason, _ in found}


def test_an_old_chinese_name_in_a_zip_is_read(ingest: Ingest) -> None:
    made = zipped({"aaaa.txt": b"text"}).replace(b"aaaa", "测试".encode("gbk"))
    assert [document.origin for document in ingest({"包.zip": made})] == ["包.zip/测试.txt:1"]


def test_what_a_mac_adds_and_unknown_formats_are_no_documents(
    ingest: Ingest, report: Callable[[], dict[str, object]]
) -> None:
    made = zipped({"文.txt": b"text", "__MACOSX/._文.txt": b"\0", "图.png": b"\x89PNG"})
    assert len(ingest({"包.zip": made})) == 1
    assert report()["ignored_files"] == ["包.zip/图.png"]


def test_a_method_of_packing_that_can_explode_is_not_opened(rejects: Rejects) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("文.txt", "text")
    assert [found[:3] for found in rejects({"包.zip": buffer.getvalue()})] == [
        ("包.zip/文.txt", 0, "broken_file")
    ]
