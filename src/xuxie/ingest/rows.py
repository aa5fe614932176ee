"""What a reader gives: rows as they stand in a file, or the reason why there is none."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

SHOWN_CHARACTERS = 200


class Row(NamedTuple):
    """A record of a file as it stands there; `place` is its line, row or paragraph from 1."""

    place: int
    fields: Mapping[str, Any]


class Reject(NamedTuple):
    """What could not be read: where (0 for the whole file), a reason from REASONS, the detail."""

    place: int
    reason: str
    detail: str
    byte: int | None = None


Rows = Iterator[Row | Reject]


class Unreadable(Exception):
    """A file, or the rest of it, that gives no rows."""

    def __init__(self, reason: str, detail: str, place: int = 0, byte: int | None = None) -> None:
        super().__init__(detail)
        self.reject = Reject(place, reason, detail, byte)


def cut(detail: str) -> str:
    """At most 200 characters: a list of rejects must not become a copy of the corpus."""
    if len(detail) <= SHOWN_CHARACTERS:
        return detail
    return detail[: SHOWN_CHARACTERS - 1] + "…"


REASONS = {
    "not_utf8": ("不是 UTF-8，请先转换编码", "is not UTF-8; convert it first"),
    "ambiguous_encoding": (
        "编码无法确定，请在 ingest.encodings 中声明，例如 {'**/*.txt': gb18030}",
        "has an encoding that cannot be proved; declare it in ingest.encodings,"
        " such as {'**/*.txt': gb18030}",
    ),
    "wrong_encoding": ("与声明的编码不符", "is not in the encoding that was declared"),
    "broken_json": ("不是合法的 JSON 对象", "is not a valid JSON object"),
    "duplicate_key": ("JSON 对象中有重复的键", "has a key twice in one JSON object"),
    "too_deep": (
        "JSON 嵌套过深（ingest.limits.nesting）",
        "is nested too deeply (ingest.limits.nesting)",
    ),
    "broken_csv": ("不是合法的 CSV", "is not valid CSV"),
    "broken_file": ("文件已损坏", "is damaged"),
    "missing_field": (
        "缺少正文字段，可用 ingest.fields.text 指定",
        "has no text field; name it in ingest.fields.text",
    ),
    "wrong_type": ("字段类型不对", "has a field of the wrong type"),
    "too_long": ("过长（见 ingest.limits）", "is too long (see ingest.limits)"),
    "bomb": (
        "解压后过大，见 ingest.limits.ratio 与 unpacked_mib",
        "unpacks to too much; see ingest.limits.ratio and unpacked_mib",
    ),
    "encrypted": ("已加密，请先解密", "is encrypted; decrypt it first"),
    "nested_archive": (
        "压缩包中还有压缩包，请先解开",
        "is packed inside an archive; unpack it first",
    ),
    "unsafe_name": ("压缩包内的路径不安全", "has an unsafe path inside its archive"),
    "no_text": ("没有文字（可能是扫描件）", "holds no text (a scan?)"),
    "outside": (
        "是指向数据目录之外的链接，请复制文件本身",
        "is a link that leaves the raw folder; copy the file itself",
    ),
    "not_a_file": ("不是普通文件", "is not a regular file"),
}
