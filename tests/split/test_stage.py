"""Every document goes to one split, with its group, and stays there."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from xuxie.config import Config
from xuxie.errors import Refusal
from xuxie.split import stage
from xuxie.store.manifest import verify
from xuxie.store.records import Document, read_documents, write_documents

Make = Callable[..., Document]
Split = Callable[..., Path]
PARTS = ("train", "val", "test")
# Of these, by their names alone, each split gets some.
GROUPS = ["春江花月夜", "夏日绝句", "秋浦歌", *(f"虚构条例第{number}号" for number in range(60))]


@pytest.fixture
def split(tmp_path: Path, settings: Callable[..., Config]) -> Split:
    def run(documents: Sequence[Document], *overrides: str) -> Path:
        kept, out = tmp_path / "clean", tmp_path / "out"
        kept.mkdir(exist_ok=True)
        write_documents(kept / "kept.parquet", documents)
        chosen = settings(*(f"split.{override}" for override in overrides)).split
        stage.run(chosen, clean=kept, out=out, metrics=tmp_path / "split.json")
        return out

    return run


@pytest.fixture
def laws(document: Make) -> list[Document]:
    """Three articles a group; the groups take turns."""
    return [
        document(f"{group}　第{number}条", group, source=f"来源{len(group)}")
        for number in range(3)
        for group in GROUPS
    ]


def parts(out: Path) -> dict[str, list[Document]]:
    return {part: list(read_documents(out / f"{part}.parquet")) for part in PARTS}


def test_every_document_is_in_one_split_in_its_old_order(
    split: Split, laws: list[Document]
) -> None:
    out = split(laws)
    for documents in parts(out).values():
        assert documents == [document for document in laws if document in documents]
    assert sum(map(len, parts(out).values())) == len(laws)
    assert verify(out)


def test_a_group_is_never_divided(split: Split, laws: list[Document]) -> None:
    sides = defaultdict(set)
    for part, documents in parts(split(laws)).items():
        for document in documents:
            sides[document.group].add(part)
    assert {len(found) for found in sides.values()} == {1}
    assert (sides["春江花月夜"], sides["秋浦歌"]) == ({"val"}, {"test"})


def test_new_groups_move_no_old_document(
    split: Split, laws: list[Document], document: Make
) -> None:
    before = parts(split(laws))
    new = [document(f"新条例第{number}号全文", f"新条例第{number}号") for number in range(100)]
    after = parts(split([*new, *laws]))
    for part in PARTS:
        assert [found for found in after[part] if found not in new] == before[part]


def test_metrics_add_up(split: Split, laws: list[Document], tmp_path: Path) -> None:
    found = parts(split(laws))
    report = json.loads((tmp_path / "split.json").read_text())
    assert report["documents"] == {part: len(documents) for part, documents in found.items()}
    for part in PARTS:
        counts = [counts[part] for counts in report["sources"].values()]
        assert sum(counts) == report["documents"][part]
    assert report["sources"]["来源5"] == {"train": 0, "val": 3, "test": 0}


def test_the_same_documents_give_the_same_bytes(split: Split, laws: list[Document]) -> None:
    first = {path.name: path.read_bytes() for path in split(laws).iterdir()}
    assert {path.name: path.read_bytes() for path in split(laws).iterdir()} == first


def test_another_salt_moves_documents(split: Split, laws: list[Document]) -> None:
    before = parts(split(laws))
    assert parts(split(laws, "salt=other", "val=0.2", "test=0.2"))["test"] != before["test"]


def test_one_text_in_two_splits_is_refused(
    split: Split, laws: list[Document], document: Make, tmp_path: Path
) -> None:
    same = [
        document("同文", "夏日绝句", origin="甲.txt:1"),
        document("同文", "秋浦歌", origin="乙.txt:9"),
    ]
    with pytest.raises(Refusal, match=r"乙\.txt:9 \(test\) equals 甲\.txt:1 \(train\)"):
        split([*laws, *same])
    assert [path.name for path in tmp_path.iterdir()] == ["clean"]


@pytest.mark.parametrize(
    ("groups", "empty"),
    [
        (["夏日绝句"], "val, test"),
        (["夏日绝句", "春江花月夜"], "test"),
        (["秋浦歌", "春江花月夜"], "train"),
    ],
)
def test_an_empty_split_is_refused_by_name(
    split: Split, document: Make, groups: list[str], empty: str
) -> None:
    with pytest.raises(Refusal, match=f"文档太少，{empty} 是空的.*: {empty} would be") as caught:
        split([document(group, group) for group in groups])
    assert caught.value.code == 65
