"""Documents survive the way through Parquet, in order."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from xuxie.store.records import (
    BATCH_ROWS,
    Document,
    content_id,
    read_documents,
    read_table,
    write_documents,
)

LAW = Document(
    id=content_id("第一条　渡口应当设置标识。"),
    text="第一条　渡口应当设置标识。\n👨‍👩‍👧 𠀀",
    source="statutes",
    domain="交通",
    group="虚构渡口条例",
    position=-1,
    date=date(1949, 10, 1),
    licence="ours",
    origin="demo/statutes.jsonl:1",
    arrival=1,
)
NOTE = replace(LAW, text="", domain="", date=None, position=2**31 - 1)


def numbered(count: int) -> Iterator[Document]:
    return (replace(LAW, position=number) for number in range(count))


def test_documents_come_back_as_they_went_in(tmp_path: Path) -> None:
    assert write_documents(tmp_path / "d.parquet", [LAW, NOTE, LAW]) == 3
    assert list(read_documents(tmp_path / "d.parquet")) == [LAW, NOTE, LAW]


def test_order_holds_across_batches(tmp_path: Path) -> None:
    count = 2 * BATCH_ROWS + 1
    assert write_documents(tmp_path / "d.parquet", numbered(count)) == count
    positions = [document.position for document in read_documents(tmp_path / "d.parquet")]
    assert positions == list(range(count))


def test_the_same_documents_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_documents(tmp_path / name, numbered(BATCH_ROWS + 1))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_no_documents_are_a_table_too(tmp_path: Path) -> None:
    assert write_documents(tmp_path / "d.parquet", []) == 0
    assert list(read_documents(tmp_path / "d.parquet")) == []


def test_a_table_has_the_columns_asked_for(tmp_path: Path) -> None:
    write_documents(tmp_path / "d.parquet", [LAW, NOTE])
    table = read_table(tmp_path / "d.parquet", ["date", "source"])
    assert table.to_pydict() == {"date": [LAW.date, None], "source": ["statutes"] * 2}


def test_an_id_is_the_beginning_of_the_sha256_of_the_text() -> None:
    assert content_id("你好") == "670d9743542cae3ea7ebe36af56bd536"
    assert content_id("你好") != content_id("你好 ")
