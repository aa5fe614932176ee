"""Every format gives the same documents, plain or packed."""

import io
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xuxie.store.records import Document

Ingest = Callable[..., list[Document]]

ROWS = [
    {
        "text": "第一条　渡口，应当设置“标识”。\n第二款。",
        "source": "规章",
        "domain": "交通",
        "group": "虚构渡口条例",
        "position": 1,
        "date": "2024-05-01",
        "licence": "ours",
    },
    {
        "text": "👨‍👩‍👧 一家人，𠀀，１１",
        "source": "评论",
        "domain": "",
        "group": "乙",
        "position": 0,
        "date": "",
        "licence": "ours",
    },
]


def jsonl(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def csv(rows: list[dict[str, Any]]) -> bytes:
    cells = [[f'"{value}"' for value in row.values()] for row in rows]
    return "\r\n".join(",".join(line) for line in [list(rows[0]), *cells]).encode()


def parquet(rows: list[dict[str, Any]]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), buffer)
    return buffer.getvalue()


def tsv(rows: list[dict[str, Any]]) -> bytes:
    return csv(rows).replace(b'","', b'"\t"').replace(b",", b"\t", len(rows[0]) - 1)


TABLES: dict[str, Callable[[list[dict[str, Any]]], bytes]] = {
    "表.jsonl": jsonl,
    "表.csv": csv,
    "表.tsv": tsv,
    "表.parquet": parquet,
}


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("name", ["表.jsonl", "表.csv", "表.tsv", "表.parquet"])
def test_a_table_gives_one_document_a_row(ingest: Ingest, name: str, packed: str) -> None:
    first, second = ingest({name + packed: TABLES[name](ROWS)})
    assert (first.text, second.text) == (ROWS[0]["text"], ROWS[1]["text"])
    assert (first.source, first.domain, first.licence) == ("规章", "交通", "ours")
    assert (first.group, first.position) == ("虚构渡口条例", 1)
    assert (first.date, second.date) == (date(2024, 5, 1), None)
    assert first.origin.startswith(f"{name}{packed}:")


@pytest.mark.parametrize("name", ["文.txt", "文.md", "文.txt.gz", "文.MD"])
def test_prose_gives_one_document_a_file(ingest: Ingest, name: str) -> None:
    (document,) = ingest({name: "一行。\n\n二行。\n"})
    assert document.text == "一行。\n\n二行。\n"
    assert (document.source, document.origin, document.licence) == ("文", f"{name}:1", "unstated")
    assert document.group == document.id


@pytest.mark.parametrize(
    ("name", "content"),
    [("文.txt", "正文"), ("表.jsonl", '{"text": "正文"}'), ("表.csv", "text,n\n正文,1\n")],
)
def test_a_byte_order_mark_is_not_text(ingest: Ingest, name: str, content: str) -> None:
    (document,) = ingest({name: b"\xef\xbb\xbf" + content.encode()})
    assert document.text == "正文"


@pytest.mark.parametrize(
    ("unit", "texts"),
    [
        ("file", ["甲一。\n甲二。\n \t\n\n乙。\r\n\r\n丙。"]),
        ("paragraph", ["甲一。\n甲二。", "乙。", "丙。"]),
        ("line", ["甲一。", "甲二。", "乙。", "丙。"]),
    ],
)
def test_the_unit_of_text_is_chosen(ingest: Ingest, unit: str, texts: list[str]) -> None:
    found = ingest({"文.txt": "甲一。\n甲二。\n \t\n\n乙。\r\n\r\n丙。"}, f"text_unit={unit}")
    assert [document.text for document in found] == texts


def test_paragraphs_of_a_file_are_one_group_in_order(ingest: Ingest) -> None:
    found = ingest({"甲.txt": "一\n\n二\n\n三", "乙.txt": "四"}, "text_unit=paragraph")
    positions = {document.text: document.position for document in found}
    groups = {document.text: document.group for document in found}
    assert positions["一"] < positions["二"] < positions["三"]
    assert groups["一"] == groups["二"] == groups["三"] != groups["四"]


def test_lines_are_documents_of_their_own(ingest: Ingest) -> None:
    first, second = ingest({"甲.txt": "一\n\n二\n"}, "text_unit=line")
    assert first.group != second.group
    assert (first.origin, second.origin) == ("甲.txt:1", "甲.txt:3")


def test_fields_may_have_other_names(ingest: Ingest) -> None:
    row = {"正文": "内容", "来源": "甲", "类": "乙", "组": "丙", "序": "7", "日": "2024-01-02"}
    names = dict(zip(["text", "source", "domain", "group", "position", "date"], row, strict=True))
    (found,) = ingest(
        {"表.csv": csv([row])}, *(f"fields.{name}='{column}'" for name, column in names.items())
    )
    assert (found.text, found.source, found.domain) == ("内容", "甲", "乙")
    assert (found.group, found.position, found.date) == ("丙", 7, date(2024, 1, 2))


def test_only_the_text_must_be_there(ingest: Ingest) -> None:
    (found,) = ingest({"团队/表.jsonl": '{"text": "内容"}'}, "licence='内部'")
    assert (found.source, found.licence, found.origin) == ("团队", "内部", "团队/表.jsonl:1")
    assert (found.group, found.position, found.date) == (found.id, 0, None)


@pytest.mark.parametrize("day", [date(2024, 5, 1), datetime(2024, 5, 1, 23, 59)])
def test_a_typed_date_of_parquet_is_read(ingest: Ingest, day: date) -> None:
    (found,) = ingest({"表.parquet": parquet([{"text": "内容", "date": day}])})
    assert found.date == date(2024, 5, 1)


def test_a_time_after_a_date_is_dropped(ingest: Ingest) -> None:
    (found,) = ingest({"表.jsonl": '{"text": "内容", "date": "2024-05-01T08:00:00Z"}'})
    assert found.date == date(2024, 5, 1)


def test_a_csv_place_is_the_line_where_a_row_ends(ingest: Ingest) -> None:
    found = ingest({"表.csv": 'text,n\n"一\n二",1\n\n三,2\n'})
    assert [(d.text, d.origin) for d in found] == [("一\n二", "表.csv:3"), ("三", "表.csv:5")]


def test_a_csv_cell_may_be_long(ingest: Ingest) -> None:
    assert len(ingest({"表.csv": f"text\n{'长' * 200_000}\n"})[0].text) == 200_000


def test_blank_json_lines_and_windows_line_ends_are_no_trouble(ingest: Ingest) -> None:
    found = ingest({"表.jsonl": '{"text": "一\u2028一"}\r\n \r\n\n{"text": "二"}'})
    assert [(d.text, d.origin) for d in found] == [
        ("一\u2028一", "表.jsonl:1"),
        ("二", "表.jsonl:4"),
    ]


def test_equal_texts_have_equal_ids(ingest: Ingest, tmp_path: Path) -> None:
    one, other, third = ingest(
        {"表.jsonl": jsonl([{"text": "同"}, {"text": "同"}, {"text": "异"}])}
    )
    assert one.id == other.id != third.id
    assert len(one.id) == 32
    assert (tmp_path / "out" / "COMPLETE").is_file()
