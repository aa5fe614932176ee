"""Every document goes to one split, with its group, and stays there."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from xuxie.config import Config
from xuxie.errors import Refusal
from xuxie.split import stage
from xuxie.store.manifest import verify
from xuxie.store.records import Document, read_documents, write_documents

Make = Callable[..., Document]
Split = Callable[..., Path]
PARTS = ("train", "val", "test", "fresh")
# Of these, by their names alone, each split gets some.
GROUPS = ["春江花月夜", "夏日绝句", "秋浦歌", *(f"虚构条例第{number}号" for number in range(60))]


@pytest.fixture
def split(tmp_path: Path, settings: Callable[..., Config]) -> Split:
    def run(documents: Sequence[Document], *overrides: str) -> Path:
        kept, out = tmp_path / "clean", tmp_path / "out"
        kept.mkdir(exist_ok=True)
        write_documents(kept / "kept.parquet", documents)
        chosen = settings(*(f"split.{override}" for override in overrides)).split
        paths = {"metrics": tmp_path / "split.json", "report": tmp_path / "split.html"}
        stage.run(chosen, clean=kept, out=out, **paths)
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
    after = parts(split([*laws, *new]))
    for part in PARTS:
        assert [found for found in after[part] if found not in new] == before[part]


def test_metrics_add_up(split: Split, laws: list[Document], tmp_path: Path) -> None:
    found = parts(split(laws))
    report = json.loads((tmp_path / "split.json").read_text())
    counts = {part: len(documents) for part, documents in found.items()}
    assert report["documents"] == counts | {"aside": 0}
    assert sum(report["characters"].values()) == sum(len(law.text) for law in laws)
    assert sum(report["shares"]["documents"].values()) == pytest.approx(1)
    for kind, part in product(("sources", "domains", "years"), PARTS):
        strata = [row["documents"][part] for row in report[kind].values()]
        assert sum(strata) == report["documents"][part]
    expected = {"train": 0, "val": 3, "test": 0, "fresh": 0, "aside": 0}
    assert report["sources"]["来源5"]["documents"] == expected
    assert set(report["years"]) == {"undated"}
    assert (report["leak"]["exact"], report["leak"]["near"]) == (0, 0)


def test_the_report_escapes_names_and_has_no_scripts(
    split: Split, laws: list[Document], tmp_path: Path
) -> None:
    split([replace(law, source="<script>甲</script>") for law in laws])
    page = (tmp_path / "split.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;甲" in page


def test_the_same_documents_give_the_same_bytes(split: Split, laws: list[Document]) -> None:
    first = {path.name: path.read_bytes() for path in split(laws).iterdir()}
    assert {path.name: path.read_bytes() for path in split(laws).iterdir()} == first


def test_another_salt_moves_documents(split: Split, laws: list[Document]) -> None:
    before = parts(split(laws))
    assert parts(split(laws, "salt=other", "val=0.2", "test=0.2"))["test"] != before["test"]


LONG = "".join(chr(0x4E00 + 37 * number) for number in range(60))


@pytest.mark.parametrize(
    ("text", "reason"), [(LONG, "same_text"), (LONG[:-1] + "改", "crosses_the_wall")]
)
def test_what_would_cross_the_wall_is_set_aside_with_its_reason(
    split: Split, laws: list[Document], document: Make, text: str, reason: str, tmp_path: Path
) -> None:
    first = replace(document(LONG, "夏日绝句"), id="先")
    later = replace(document(text, "秋浦歌"), id="后")
    out = split([*laws, first, later])
    rows = pq.read_table(out / "aside.parquet").to_pylist()
    assert [(row["id"], row["reason"], row["near"]) for row in rows] == [("后", reason, "先")]
    assert first in parts(out)["train"]
    report = json.loads((tmp_path / "split.json").read_text())
    assert report["aside"][reason] == 1
    assert sum(report["documents"].values()) == len(laws) + 2


def test_a_new_group_stands_with_what_its_first_document_resembles(
    split: Split, laws: list[Document], document: Make
) -> None:
    first = document(LONG, "秋浦歌")
    copy = document(LONG[:-1] + "改", "夏日绝句之二")
    late = document("与前文毫不相干的另外一条", "夏日绝句之二")
    alone = parts(split([*laws, copy, late]))
    assert copy not in alone["test"]
    together = parts(split([*laws, first, copy, late]))["test"]
    assert [found in together for found in (first, copy, late)] == [True] * 3


def test_later_test_documents_are_fresh_and_the_frozen_set_never_changes(
    split: Split, laws: list[Document]
) -> None:
    size = len(GROUPS)
    batches = [
        [replace(law, arrival=n + 1) for law in laws[n * size : (n + 1) * size]] for n in range(3)
    ]
    before: dict[str, list[Document]] = {}
    for number in range(3):
        found = parts(split([law for batch in batches[: number + 1] for law in batch]))
        assert {law.arrival for law in found["test"]} == {1}
        assert {law.arrival for law in found["fresh"]} == set(range(2, number + 2))
        assert found["test"] == (before or found)["test"]
        for part in ("train", "val", "fresh"):
            old = (before or found)[part]
            assert found[part][: len(old)] == old
        before = found


def test_a_frozen_set_without_documents_is_refused_with_the_arrival_that_has_some(
    split: Split, laws: list[Document]
) -> None:
    later = [replace(law, arrival=3 if law.group == "秋浦歌" else 4) for law in laws]
    with pytest.raises(Refusal, match=r"set split\.frozen_arrival=3$"):
        split(later)
    assert parts(split(later, "frozen_arrival=3"))["test"]


DATES = ("kind=time", "time.val_from=2024-01-01", "time.test_from=2025-01-01")


@pytest.fixture
def dated(document: Make) -> list[Document]:
    """Ten groups a year."""
    return [
        replace(document(f"{year}年虚构公告第{number}号"), date=date(year, 1, 1))
        for year in (2023, 2024, 2025)
        for number in range(10)
    ]


def test_time_divides_at_its_dates(split: Split, dated: list[Document]) -> None:
    found = parts(split(dated, *DATES))
    years = {part: {law.date.year for law in found[part] if law.date} for part in PARTS}
    assert years == {"train": {2023}, "val": {2024}, "test": {2025}, "fresh": set()}


def test_time_leaves_a_group_with_its_first_and_sets_a_copy_of_the_past_aside(
    split: Split, dated: list[Document], document: Make
) -> None:
    old = replace(document(LONG, "旧法"), date=date(2023, 12, 31))
    amended = replace(document("旧法后来的修正案全文在此", "旧法"), date=date(2025, 6, 1))
    copy = replace(document(LONG[:-1] + "改", "新法"), date=date(2025, 6, 1))
    out = split([*dated, old, amended, copy], *DATES)
    assert parts(out)["train"][-2:] == [old, amended]
    assert pq.read_table(out / "aside.parquet")["id"].to_pylist() == [copy.id]


def test_time_refuses_documents_without_a_date_or_trains_on_them(
    split: Split, dated: list[Document], laws: list[Document]
) -> None:
    with pytest.raises(Refusal, match=r"2 documents have no date"):
        split([*dated, *laws[:2]], *DATES)
    assert parts(split([*dated, *laws[:2]], *DATES, "time.undated=train"))["train"][-2:] == laws[:2]


@pytest.mark.parametrize("test_from", ["2024-01-01", "2023-01-01", "soon"])
def test_time_needs_two_days_in_order(settings: Callable[..., Config], test_from: str) -> None:
    with pytest.raises(Refusal, match=r"split\.time\.val_from < split\.time\.test_from"):
        settings("split=time", f"split.time.test_from={test_from}")


def test_time_is_an_option_of_conf(settings: Callable[..., Config]) -> None:
    chosen = settings("split=time").split
    assert (chosen.kind, chosen.leak) == ("time", settings().split.leak)


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
