"""What cannot be read is named with file, place and reason."""

import gzip
import io
import json
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

Rejects = Callable[..., list[tuple[str, int, str, str]]]
MIB = 1 << 20


def parquet(column: pa.Array, name: str = "text") -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({name: column}), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "line",
    [
        '{"text": "半',
        '{"text": "文", "n": NaN}',
        '{"text": "文", "n": -Infinity}',
        '["text"]',
        '"text"',
        "null",
    ],
)
def test_a_broken_json_line_is_named_with_file_and_line(rejects: Rejects, line: str) -> None:
    ((file, place, reason, detail),) = rejects({"表.jsonl": f'{{"text": "一"}}\n\n{line}\n'})
    assert (file, place, reason) == ("表.jsonl", 3, "broken_json")
    assert detail


@pytest.mark.parametrize(
    "line", ["[" * 100_000, '{"text": "文", "n": ' + "[" * 64 + "]" * 64 + "}"]
)
def test_deep_nesting_is_named(rejects: Rejects, line: str) -> None:
    assert rejects({"表.jsonl": f'{{"text": "一"}}\n{line}\n{{"text": "二"}}\n'}) == [
        ("表.jsonl", 2, "too_deep", "more than 64 levels")
    ]


def test_nesting_up_to_the_limit_is_read(rejects: Rejects) -> None:
    assert rejects({"表.jsonl": '{"text": "文", "n": ' + "[" * 63 + "]" * 63 + "}"}) == []


@pytest.mark.parametrize(
    "line",
    [
        '{"text": "文", "text": "字"}',
        '{"te\\u0078t": "文", "text": "字"}',
        '{"text": "文", "n": {"a": 1, "a": 2}}',
    ],
)
def test_a_key_that_stands_twice_is_named(rejects: Rejects, line: str) -> None:
    assert [found[:3] for found in rejects({"表.jsonl": line})] == [
        ("表.jsonl", 1, "duplicate_key")
    ]


GBK = "汉字".encode("gbk")
WIDE = "汉".encode()


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize(
    ("before", "bad", "reason"),
    [
        (b"", GBK, "ambiguous_encoding"),
        (b"\xef\xbb\xbf" + WIDE, GBK, "not_utf8"),
        (WIDE, WIDE[:2], "not_utf8"),
        (b"a" * (MIB - 1), WIDE[:2] + b"a", "ambiguous_encoding"),
        (b"a" * (MIB - 1) + WIDE, b"\xff", "not_utf8"),
        (b"a" * (MIB - 2), WIDE[:2], "ambiguous_encoding"),
        (b"a" * 2 * MIB, b"\x80", "not_utf8"),
    ],
    ids=["start", "mark", "cut", "across chunks", "next chunk", "cut at chunk", "third chunk"],
)
@pytest.mark.parametrize("name", ["文.txt", "表.csv"])
def test_the_first_byte_that_is_not_utf8_is_named(
    rejects: Rejects, name: str, before: bytes, bad: bytes, packed: str, reason: str
) -> None:
    ((*found, detail),) = rejects({name + packed: before + bad})
    assert found == [name + packed, 0, reason]
    assert detail.split(";")[0] == f"byte {len(before)}"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("before", [b'{"text": "', '{"text": "汉"}\r\n{"text": "'.encode()])
def test_a_json_line_that_is_not_utf8_is_named_with_its_byte(
    rejects: Rejects, mark: bytes, before: bytes
) -> None:
    start = mark + before
    found = rejects({"表.jsonl": start + b'\xff"}\n{"text": "\xe6\xb1\x89"}\n'})
    assert found == [("表.jsonl", start.count(b"\n") + 1, "not_utf8", f"byte {len(start)}")]


@pytest.mark.parametrize("name", ["文.txt", "表.jsonl", "表.csv", "表.parquet"])
def test_a_truncated_gzip_file_is_named(rejects: Rejects, name: str) -> None:
    content = gzip.compress(("text\n" + "正文" * 1000).encode())
    # The extension in capitals keeps the fixture from packing what is packed already.
    ((file, place, reason, _),) = rejects({f"{name}.GZ": content[: len(content) // 2]})
    assert (file, place, reason) == (f"{name}.GZ", 0, "broken_file")


@pytest.mark.parametrize(
    "content",
    [
        b"no gzip",
        gzip.compress(b"text")[:-8] + bytes(8),
        gzip.compress(b"text")[:10] + b"\xff" * 20,
    ],
    ids=["no gzip", "checksum", "stream"],
)
def test_a_damaged_gzip_file_is_named(rejects: Rejects, content: bytes) -> None:
    assert [found[:3] for found in rejects({"文.txt.GZ": content})] == [
        ("文.txt.GZ", 0, "broken_file")
    ]


@pytest.mark.parametrize("damage", [b"PAR1", b"", b"PAR1" + bytes(100) + b"PAR1"])
def test_a_damaged_parquet_file_is_named(rejects: Rejects, damage: bytes) -> None:
    assert [found[:3] for found in rejects({"表.parquet": damage})] == [
        ("表.parquet", 0, "broken_file")
    ]


def test_damage_inside_parquet_is_named(rejects: Rejects) -> None:
    content = parquet(pa.array([f"第{number}条" for number in range(1000)]))
    spoilt = content[:4] + bytes(len(content) // 2) + content[4 + len(content) // 2 :]
    assert [found[1:3] for found in rejects({"表.parquet": spoilt})] == [(0, "broken_file")]


@pytest.mark.parametrize(
    ("file", "content", "place", "present"),
    [
        ("表.csv", "正文,n\n文,1\n", 0, "正文, n"),
        ("表.csv", "", 0, "no columns"),
        ("表.parquet", parquet(pa.array(["文"]), "正文"), 0, "正文"),
        ("表.jsonl", '{"正文": "文", "n": 1}', 1, "正文, n"),
        ("表.jsonl", "{}", 1, "no fields"),
        ("表.jsonl", '{"\\ud800": 1}', 1, "\ud800"),
    ],
)
def test_a_missing_text_field_is_told_with_the_fields_there_are(
    rejects: Rejects, file: str, content: bytes | str, place: int, present: str
) -> None:
    assert rejects({file: content}) == [(file, place, "missing_field", f"'text' not in {present}")]


@pytest.mark.parametrize(
    ("field", "value", "detail"),
    [
        ("text", 5, "text is int, not text"),
        ("text", ["文"], "text is list, not text"),
        ("source", 1.5, "source is float, not text"),
        ("source", "半\ud83d", "surrogates not allowed"),
        ("text", "半\ud83d", "surrogates not allowed"),
        ("date", "2024-02-30", "day is out of range"),
        ("date", "去年", "去年"),
        ("date", 20240501, "date = 20240501"),
        ("position", "三", "三"),
        ("position", 1.5, "position = 1.5"),
        ("position", True, "position = True"),
        ("position", 2**31, "position = 2147483648"),
    ],
)
def test_a_field_of_the_wrong_type_is_named(
    rejects: Rejects, field: str, value: object, detail: str
) -> None:
    line = json.dumps({"text": "正文", field: value})
    ((*where, told),) = rejects({"表.jsonl": line})
    assert where == ["表.jsonl", 1, "wrong_type"]
    assert detail in told


def test_bytes_in_a_parquet_column_are_no_text(rejects: Rejects) -> None:
    ((*where, detail),) = rejects({"表.parquet": parquet(pa.array([b"a"]))})
    assert (where, detail) == (["表.parquet", 1, "wrong_type"], "text is bytes, not text")


@pytest.mark.parametrize("row", ["文,1,2", "文"])
def test_a_csv_row_with_the_wrong_number_of_columns_is_named(rejects: Rejects, row: str) -> None:
    assert rejects({"表.csv": f'text,n\n"一\n二",1\n{row}\n三,3\n'}) == [
        ("表.csv", 4, "broken_csv", "wrong number of columns")
    ]


@pytest.mark.parametrize(
    ("content", "line"), [('text\n文\n"半\n', 3), ('text\n文\n"半"x\n', 3), ('"text\n文\n', 1)]
)
def test_a_csv_quote_that_does_not_end_is_named(rejects: Rejects, content: str, line: int) -> None:
    assert [found[1:3] for found in rejects({"表.csv": content})] == [(line, "broken_csv")]
