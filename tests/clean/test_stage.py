"""What goes in comes out, kept or removed with a reason, in order."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import corpus
from xuxie.errors import Refusal
from xuxie.store.manifest import verify
from xuxie.store.records import Document, content_id, read_documents

Clean = Callable[..., Path]
Make = Callable[..., Document]
Table = Callable[[Path], list[dict[str, Any]]]
GOOD = "渡口应当设置清楚的标识。"


@pytest.fixture
def mixed(document: Make) -> list[Document]:
    """One document a reason, and two that stay."""
    return [
        document(f"　{GOOD}\r\n", position=3, date=date(2024, 5, 1), origin="甲.txt:7"),
        document("太短。", source="乙"),
        document("长" * 300),
        document("No Han characters at all.", source="乙"),
        document("你好" * 30),
        document(GOOD, source="乙", origin="乙.txt:1"),
        document("果园的主人应当保管好账册。", source="乙"),
    ]


REASONS = ["too_short", "too_long", "low_han_share", "repetitive", "duplicate"]


def test_every_document_is_kept_or_removed_with_its_reason(
    clean: Clean, mixed: list[Document], table: Table
) -> None:
    folder = clean(mixed, "max_characters=200")
    removed = table(folder / "out/removed.parquet")
    kept = table(folder / "out/kept.parquet")
    assert [row["reason"] for row in removed] == REASONS
    assert [row["id"] for row in kept] == [mixed[0].id, mixed[6].id]
    assert [row["id"] for row in removed] == [document.id for document in mixed[1:6]]
    assert verify(folder / "out")


def test_a_kept_document_differs_in_its_text_alone(clean: Clean, mixed: list[Document]) -> None:
    kept = next(read_documents(clean(mixed) / "out/kept.parquet"))
    assert kept.text == GOOD
    assert kept.id == mixed[0].id == content_id(mixed[0].text)
    assert (kept.position, kept.date, kept.origin) == (3, date(2024, 5, 1), "甲.txt:7")


def test_metrics_add_up(clean: Clean, mixed: list[Document]) -> None:
    report = json.loads((clean(mixed, "max_characters=200") / "clean.json").read_text())
    assert report == {
        "documents": {"in": 7, "kept": 2, "removed": 5},
        "removed": dict.fromkeys(REASONS, 1),
        "sources": {
            "甲": {"kept": 1, "removed": 2, "characters_kept": 12},
            "乙": {"kept": 1, "removed": 3, "characters_kept": 13},
        },
    }


def test_plots_hold_reasons_by_source_and_lengths_of_what_stays(
    clean: Clean, mixed: list[Document], document: Make
) -> None:
    long = [document("长短不一" * 10 + "。" * count) for count in (10, 11)]
    folder = clean([*mixed, *long], "max_characters=200", "max_repetition=1.0")
    assert (folder / "reasons.csv").read_text().splitlines() == [
        "source,reason,documents",
        "乙,duplicate,1",
        "乙,low_han_share,1",
        "乙,too_short,1",
        "甲,too_long,1",
    ]
    assert (folder / "lengths.csv").read_text().splitlines() == [
        "characters,documents",
        *("<=   25,2", "<=   50,1", "<=  100,2", "<=  200,0", "<=  400,0"),
        *("<=  800,0", "<= 1600,0", "<= 3200,0", "> 3200,0"),
    ]


def test_duplicates_may_stay(clean: Clean, document: Make, table: Table) -> None:
    folder = clean([document(GOOD)] * 3, "deduplicate=false")
    assert len(table(folder / "out/kept.parquet")) == 3


def test_of_equal_texts_the_first_stays_in_a_corpus_of_many_batches(
    clean: Clean, document: Make, table: Table
) -> None:
    texts = [f"第{number % 3000}号样品应当按时送检并登记。" for number in range(10_000)]
    made = [document(text, position=place) for place, text in enumerate(texts)]
    folder = clean(made)
    kept, removed = (table(folder / f"out/{name}.parquet") for name in ("kept", "removed"))
    assert [row["position"] for row in kept] == list(range(3000))
    assert [row["position"] for row in removed] == list(range(3000, 10_000))
    assert Counter(row["reason"] for row in removed) == {"duplicate": 7000}


def corpus_documents(document: Make) -> list[Document]:
    articles = [str(record["text"]) for record in corpus.statute_records()]
    return [document(text) for text in [*articles, *corpus.reviews(), *articles[:5], "短"]]


def test_the_same_documents_give_the_same_bytes(clean: Clean, document: Make) -> None:
    def files(documents: Sequence[Document]) -> dict[str, bytes]:
        folder = clean(documents)
        found = sorted(path for path in folder.rglob("*") if path.is_file())
        return {path.name: path.read_bytes() for path in found}

    assert files(corpus_documents(document)) == files(corpus_documents(document))


def test_clean_text_stays_clean(clean: Clean, document: Make) -> None:
    once = list(read_documents(clean(corpus_documents(document)) / "out/kept.parquet"))
    folder = clean(once)
    assert list(read_documents(folder / "out/kept.parquet")) == once
    assert json.loads((folder / "clean.json").read_text())["documents"]["removed"] == 0


def test_a_corpus_of_which_nothing_stays_is_refused_with_counts(
    clean: Clean, document: Make, tmp_path: Path
) -> None:
    with pytest.raises(Refusal) as caught:
        clean([document("短。"), document("短。", position=1), document("No Han characters.")])
    for said in str(caught.value).split(" | "):
        assert "too_short 2, low_han_share 1" in said and "conf/clean" in said
    assert caught.value.code == 65
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
