"""Web pages, Word and PDF files: what a reader sees, and nothing that runs (C17)."""

from collections.abc import Callable
from typing import Any

import pytest

from ingest.made import pdf, word
from xuxie.store.records import Document

Ingest = Callable[..., list[Document]]
Rejects = Callable[..., list[tuple[str, int, str, str]]]
Report = Callable[[], dict[str, Any]]
PAGE = """<!doctype html><html><head><title>题</title><style>p{}</style></head><body>
<nav>导航</nav><header>页眉</header><script>document.write("脚本")</script>
<h1>渡口 标识</h1><p>第一
行，<b>粗</b>字<br>第二行 &lt;b&gt; &amp; <i>word</i> two.</p>
<ul><li>甲</li><li>乙</li></ul><table><tr><td>丙</td><td>丁</td></tr></table>
<noscript>无</noscript><template>模</template><form>表单</form><aside>旁</aside><footer>页脚</footer>
</body></html>"""
SEEN = "渡口 标识\n第一行，粗字\n第二行 <b> & word two.\n甲\n乙\n丙\n丁"


@pytest.mark.parametrize("name", ["页.html", "页.HTM", "页.html.gz"])
def test_a_page_gives_the_text_that_is_seen(ingest: Ingest, name: str) -> None:
    (found,) = ingest({name: PAGE})
    assert (found.text, found.origin) == (SEEN, f"{name}:1")


def test_a_page_may_declare_its_encoding(ingest: Ingest, report: Report) -> None:
    page = '<meta charset="gb2312"><p>渡口</p>'
    (found,) = ingest({"页.html": page.encode("gbk")})
    assert found.text == "渡口"
    assert report()["encodings"] == {"gb18030": 1}


def test_a_page_in_another_encoding_than_declared_is_refused(rejects: Rejects) -> None:
    page = b"<meta charset=gbk><p>\xff\xff</p>"
    assert rejects({"页.html": page}) == [("页.html", 0, "wrong_encoding", "byte 21")]


def test_a_nul_in_a_page_ends_nothing_and_becomes_no_sign(ingest: Ingest) -> None:
    (found,) = ingest({"页.html": "<p>前\0后</p>"})
    assert found.text == "前后"


def test_a_replacement_character_that_a_page_asks_for_is_counted(
    ingest: Ingest, report: Report
) -> None:
    (found,) = ingest({"页.html": "<p>前&#xD800;后</p>"})
    assert (found.text, report()["replacement_characters"]) == ("前\ufffd后", 1)


def test_a_word_file_gives_paragraphs_and_tables_in_their_order(ingest: Ingest) -> None:
    (found,) = ingest({"书.docx": word("第一段。", "第二段。", table=[["甲", "乙"], ["丙", "丁"]])})
    assert found.text == "第一段。\n第二段。\n甲\t乙\n丙\t丁"
    assert (found.origin, found.source) == ("书.docx:1", "书")


@pytest.mark.parametrize(
    "content", [b"", b"no zip", word("段")[:-40], b"PK\x03\x04" + bytes(60)], ids=range(4)
)
def test_a_broken_word_file_is_one_reject(rejects: Rejects, content: bytes) -> None:
    assert [found[:3] for found in rejects({"书.docx": content})] == [("书.docx", 0, "broken_file")]


def test_a_word_file_that_unpacks_to_too_much_is_refused(rejects: Rejects) -> None:
    made = word("长" * (1 << 20))
    found = rejects({"书.docx": made}, "limits.free_mib=1", "limits.ratio=2")
    assert [row[:3] for row in found] == [("书.docx", 0, "bomb")]


def test_a_pdf_gives_its_pages_and_counts_those_without_text(
    ingest: Ingest, report: Report
) -> None:
    (found,) = ingest({"书.pdf": pdf("第一页。", "", "第三页。")})
    assert [line for line in found.text.split("\n") if line] == ["第一页。", "第三页。"]
    assert report()["pages_without_text"] == 1


def test_a_pdf_may_be_read_by_paragraph(ingest: Ingest) -> None:
    found = ingest({"书.pdf": pdf("第一页。", "第二页。")}, "text_unit=paragraph")
    assert [(d.text, d.group, d.position) for d in found] == [
        ("第一页。", "书.pdf", 0),
        ("第二页。", "书.pdf", 1),
    ]


def test_a_scan_is_one_reject(rejects: Rejects) -> None:
    assert rejects({"书.pdf": pdf("", "")}) == [("书.pdf", 0, "no_text", "2 pages")]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"%PDF-1.4\n%%EOF", b"\0" * 100])
def test_a_broken_pdf_is_one_reject(rejects: Rejects, content: bytes) -> None:
    assert [found[:3] for found in rejects({"书.pdf": content})] == [("书.pdf", 0, "broken_file")]


@pytest.mark.parametrize("name", ["页.html", "书.docx", "书.pdf"])
def test_a_file_too_large_to_be_read_whole_is_refused(rejects: Rejects, name: str) -> None:
    found = rejects({name: b"a" * (1 << 20) + b"b"}, "limits.file_mib=1")
    assert [row[:3] for row in found] == [(name, 0, "too_long")]
