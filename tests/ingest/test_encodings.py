"""Encodings (C1 to C3): by mark, declared or proved; never guessed, never U+FFFD in silence."""

import codecs
from collections.abc import Callable
from typing import Any

import pytest

import corpus
from xuxie.store.records import Document

Ingest = Callable[..., list[Document]]
Rejects = Callable[..., list[tuple[str, int, str, str]]]
Report = Callable[[], dict[str, Any]]
LAW = "\n".join(corpus.articles("虚构渡口条例"))
# In the signs of Taiwan: Big5 holds no simplified ones.
TRADITIONAL = (
    "主管機關應當每年對學校與醫院的設備辦理檢查，並將結果公開。申請人收到通知後，"
    "得於三日內送交合約與票據。"
) * 4
MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


@pytest.mark.parametrize("encoding", MARKS)
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("文.txt", "正文𠀀"),
        ("表.jsonl", '{"text": "正文𠀀"}\n'),
        ("表.tsv", "n\ttext\r\n1\t正文𠀀\r\n"),
        ("页.html", "<p>正文𠀀</p>"),
    ],
)
def test_a_mark_tells_the_encoding_and_is_no_text(
    ingest: Ingest, report: Report, encoding: str, name: str, content: str
) -> None:
    (found,) = ingest({name: MARKS[encoding] + content.encode(encoding)})
    assert found.text == "正文𠀀"
    assert report()["byte_order_marks"] == report()["encodings"] == {encoding: 1}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_wide_text_without_a_mark_is_not_guessed(rejects: Rejects, encoding: str) -> None:
    ((_, place, reason, _),) = rejects({"文.txt": LAW.encode(encoding)})
    assert (place, reason) in [(0, "not_utf8"), (0, "ambiguous_encoding")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-32-be", "gb18030"])
def test_an_encoding_may_be_declared(ingest: Ingest, report: Report, encoding: str) -> None:
    declared = f"+encodings={{old/**: {encoding}}}"
    found = ingest({"old/一.txt": "渡口".encode(encoding), "新.txt": "渡口"}, declared)
    assert [document.text for document in found] == ["渡口", "渡口"]
    assert report()["encodings"] == {encoding: 1, "utf-8": 1}


def test_a_declaration_that_does_not_fit_is_a_reject(rejects: Rejects) -> None:
    found = rejects({"old.txt": b"abc\xff"}, "+encodings={old.*: big5}")
    assert found == [("old.txt", 0, "wrong_encoding", "byte 3")]


def test_utf16_cut_in_the_middle_of_a_sign_is_a_reject(rejects: Rejects) -> None:
    found = rejects({"文.txt": codecs.BOM_UTF16_LE + "正文".encode("utf-16-le")[:-1]})
    assert found == [("文.txt", 0, "wrong_encoding", "byte 4")]


@pytest.mark.parametrize(("encoding", "text"), [("gb18030", LAW), ("big5", TRADITIONAL)])
@pytest.mark.parametrize("name", ["文.txt", "文.txt.gz", "表.csv"])
def test_chinese_beyond_doubt_is_proved(
    ingest: Ingest, report: Report, encoding: str, text: str, name: str
) -> None:
    content = f"text\n{text.replace(chr(10), '')}" if name.endswith(".csv") else text
    (found,) = ingest({name: content.encode(encoding)})
    assert found.text in content
    assert len(found.text) >= len(content) - 5
    assert report()["encodings"] == {encoding: 1}


def test_rejects_in_a_converted_file_claim_no_byte(ingest: Ingest, tmp_path: Any) -> None:
    content = "text\n" + "正" * (1 << 20) + "\n"
    ingest(
        {"好.txt": "好", "表.csv": codecs.BOM_UTF16_LE + content.encode("utf-16-le")},
        "on_error=quarantine",
        "limits.line_mib=1",
    )
    said = (tmp_path / "out/rejects.jsonl").read_text(encoding="utf-8")
    assert '"reason": "too_long"' in said and "byte" not in said


@pytest.mark.parametrize(
    "content",
    [
        "渡口".encode("gbk"),
        TRADITIONAL.encode("gb18030"),
        "カタカナ漢字交じり".encode("shift-jis"),
        ("가나다라마바사아자차카타파하" * 20).encode("euc-kr"),
        ("日本国憲法" * 40).encode("euc-jp"),
    ],
    ids=["too short", "traditional in GBK", "Japanese", "Korean", "Japanese in EUC"],
)
def test_what_is_not_beyond_doubt_asks_for_a_declaration(
    ingest: Ingest, rejects: Rejects, content: bytes
) -> None:
    ((_, _, reason, detail),) = rejects({"文.txt": content})
    assert reason == "ambiguous_encoding" and detail.startswith("byte 0; as ")
    with pytest.raises(Exception, match=r"ingest\.encodings"):
        ingest({"文.txt": content})


def test_a_few_bad_bytes_do_not_turn_utf8_into_gb18030(rejects: Rejects) -> None:
    damaged = LAW.encode()[:-1]
    assert rejects({"文.txt": damaged}) == [("文.txt", 0, "not_utf8", f"byte {len(damaged) - 2}")]


def test_json_lines_in_gb18030_are_proved_and_one_bad_line_of_utf8_is_not(
    ingest: Ingest, rejects: Rejects
) -> None:
    lines = [f'{{"text": "{text}"}}\n' for text in corpus.articles("虚构渡口条例")]
    assert len(ingest({"表.jsonl": "".join(lines).encode("gb18030")})) == len(lines)
    mixed = "".join(lines[:-1]).encode() + lines[-1].encode("gb18030")
    assert [row[:3] for row in rejects({"表.jsonl": mixed})] == [("表.jsonl", 6, "not_utf8")]
