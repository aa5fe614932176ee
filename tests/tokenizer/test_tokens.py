"""Tokens on disk: their number format, where documents lie, and their order by group."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from xuxie.store.records import Document, write_documents
from xuxie.tokenizer.tokens import Tokens, open_tokens, write_order, write_tokens

DOCUMENTS = [("甲", 2), ("乙", 0), ("甲", 0), ("丙", 5), ("乙", 7), ("甲", 1), ("丙", -3)]


def document(number: int, group: str, position: int) -> Document:
    text = "文" * (number + 1)
    return Document(str(number), text, "s", "", group, position, None, "ours", "", 1)


def stored(folder: Path, documents: list[tuple[str, int]], vocabulary: int = 1000) -> Tokens:
    """Document i of `documents` (group and position) has i + 1 characters and as many tokens i."""
    records = [document(i, *where) for i, where in enumerate(documents)]
    write_documents(folder / "train.parquet", records)
    tokens = [[number] * (number + 1) for number in range(len(documents))]
    write_tokens(folder, "train", tokens, boundary=999, vocabulary=vocabulary)
    write_order(folder, "train", folder / "train.parquet")
    return open_tokens(folder, "train")


def test_each_document_is_a_boundary_and_its_tokens(tmp_path: Path) -> None:
    tokens = stored(tmp_path, DOCUMENTS[:3])
    assert tokens.tokens.tolist() == [999, 0, 999, 1, 1, 999, 2, 2, 2]
    assert tokens.starts.tolist() == [0, 2, 5, 9]
    assert tokens.characters == 6


def test_the_number_of_tokens_is_returned(tmp_path: Path) -> None:
    assert write_tokens(tmp_path, "val", [[1, 2], [3]], boundary=0, vocabulary=10) == 5


@pytest.mark.parametrize(
    ("vocabulary", "kind"),
    [(300, np.uint16), (2**16, np.uint16), (2**16 + 1, np.uint32), (10**6, np.uint32)],
)
def test_tokens_take_two_bytes_where_the_vocabulary_allows(
    tmp_path: Path, vocabulary: int, kind: type[np.unsignedinteger]
) -> None:
    tokens = stored(tmp_path, DOCUMENTS, vocabulary)
    assert tokens.tokens.dtype == kind


@pytest.mark.parametrize(("vocabulary", "largest"), [(2**16, 2**16 - 1), (2**20, 2**20 - 1)])
def test_the_largest_token_fits(tmp_path: Path, vocabulary: int, largest: int) -> None:
    write_tokens(tmp_path, "val", [[largest]], boundary=0, vocabulary=vocabulary)
    assert np.load(tmp_path / "val.tokens.npy").tolist() == [0, largest]


def test_documents_of_a_group_lie_together_and_by_position(tmp_path: Path) -> None:
    tokens = stored(tmp_path, DOCUMENTS)
    groups = [
        [DOCUMENTS[number] for number in tokens.order[begin:end]]
        for begin, end in zip(tokens.group_starts, tokens.group_starts[1:], strict=False)
    ]
    assert groups == [
        [("甲", 0), ("甲", 1), ("甲", 2)],
        [("乙", 0), ("乙", 7)],
        [("丙", -3), ("丙", 5)],
    ]


def test_each_group_has_its_source_and_each_source_its_characters(tmp_path: Path) -> None:
    records = [
        replace(document(number, group, 0), source=source)
        for number, (group, source) in enumerate(["甲丙", "乙丁", "甲丙", "戊丁"])
    ]
    write_documents(tmp_path / "train.parquet", records)
    write_tokens(tmp_path, "train", [[0]] * 4, boundary=9, vocabulary=10)
    write_order(tmp_path, "train", tmp_path / "train.parquet")
    tokens = open_tokens(tmp_path, "train")
    assert tokens.group_sources.tolist() == [0, 1, 1]
    assert tokens.source_characters.tolist() == [1 + 3, 2 + 4]
    assert tokens.characters == 10


def test_a_group_is_as_new_as_its_latest_document(tmp_path: Path) -> None:
    records = [
        replace(document(number, group, 0), arrival=arrival)
        for number, (group, arrival) in enumerate([("甲", 1), ("乙", 1), ("甲", 3), ("丙", 2)])
    ]
    write_documents(tmp_path / "train.parquet", records)
    write_tokens(tmp_path, "train", [[0]] * 4, boundary=9, vocabulary=10)
    write_order(tmp_path, "train", tmp_path / "train.parquet")
    assert open_tokens(tmp_path, "train").group_arrivals.tolist() == [3, 1, 2]


def test_documents_of_equal_position_keep_their_order(tmp_path: Path) -> None:
    assert stored(tmp_path, [("甲", 0)] * 20).order.tolist() == list(range(20))


def test_only_the_named_files_are_left(tmp_path: Path) -> None:
    write_tokens(tmp_path, "val", [[1]], boundary=0, vocabulary=10)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["val.starts.npy", "val.tokens.npy"]
