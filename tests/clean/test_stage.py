"""What goes in comes out, kept or removed with a reason, in order."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
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
BOUNDS = ("quality.max_characters=200", "mix.others={}")


@pytest.fixture
def mixed(document: Make) -> list[Document]:
    """Two that stay, and one document for each of REASONS in their order."""
    long = (
        "渡口的渡船每天开行四班，遇到大风大雾一律停航，旅客可以凭船票到下游的石桥改乘汽车，"
        "也可以在候船室里等到天晴再走。"
    )
    return [
        document(f"　{GOOD}\r\n", position=3, date=date(2024, 5, 1), origin="甲.txt:7"),
        document(long, source="乙"),
        document("太短。", source="乙"),
        document("长" * 300),
        document("12345 67890 中文 ABCDEFG", source="乙"),
        document("你好" * 30),
        document(GOOD, source="乙", origin="乙.txt:1"),
        document(long.replace("四班", "五班"), source="乙"),
        document("The ferry leaves at nine in the morning and at four in the afternoon."),
    ]


REASONS = [
    *("too_short", "too_long", "low_han_share", "repetitive"),
    *("duplicate", "near_duplicate", "language_mix"),
]


def test_every_document_is_kept_or_removed_with_its_reason(
    clean: Clean, mixed: list[Document], table: Table
) -> None:
    folder = clean(mixed, *BOUNDS)
    removed = table(folder / "out/removed.parquet")
    kept = table(folder / "out/kept.parquet")
    assert [row["reason"] for row in removed] == REASONS
    assert [row["id"] for row in kept] == [mixed[0].id, mixed[1].id]
    assert [row["id"] for row in removed] == [document.id for document in mixed[2:]]
    assert verify(folder / "out")


def test_a_duplicate_names_the_document_that_stays(
    clean: Clean, mixed: list[Document], table: Table
) -> None:
    removed = table(clean(mixed, *BOUNDS) / "out/removed.parquet")
    named = {row["reason"]: row["duplicate_of"] for row in removed if row["duplicate_of"]}
    assert named == {"duplicate": mixed[0].id, "near_duplicate": mixed[1].id}


def test_the_copy_of_a_near_duplicate_names_the_document_that_stays(
    clean: Clean, mixed: list[Document], table: Table
) -> None:
    copy = replace(mixed[7], origin="丙.txt:1")
    removed = table(clean([*mixed, copy], *BOUNDS) / "out/removed.parquet")
    assert removed[-1]["duplicate_of"] == mixed[1].id


def test_a_kept_document_differs_in_its_text_alone(clean: Clean, mixed: list[Document]) -> None:
    kept = next(read_documents(clean(mixed) / "out/kept.parquet"))
    assert kept.text == GOOD
    assert kept.id == mixed[0].id == content_id(mixed[0].text)
    assert (kept.position, kept.date, kept.origin) == (3, date(2024, 5, 1), "甲.txt:7")


def test_metrics_add_up(clean: Clean, mixed: list[Document]) -> None:
    report = json.loads((clean(mixed, *BOUNDS) / "clean.json").read_text())
    assert report["documents"] == {"in": 9, "kept": 2, "removed": 7}
    assert report["removed"] == dict.fromkeys(REASONS, 1)
    assert report["sources"]["甲"]["removed"] == dict.fromkeys(
        ("too_long", "repetitive", "language_mix"), 1
    )
    for row in report["sources"].values():
        assert row["in"] == row["kept"] + sum(row["removed"].values())
    assert report["characters"]["kept"] == sum(map(len, (GOOD, mixed[1].text)))
    assert report["rules"] == {"line_ends": 1, "spacing": 1}
    assert report["near_duplicates"]["clusters"] == 1
    assert report["languages"] == {"en": 1, "zh": 8}


def test_plots_hold_reasons_by_source_and_lengths_of_what_stays(
    clean: Clean, mixed: list[Document]
) -> None:
    folder = clean(mixed, *BOUNDS)
    assert (folder / "reasons.csv").read_text().splitlines()[:3] == [
        "source,reason,documents",
        "乙,duplicate,1",
        "乙,low_han_share,1",
    ]
    assert (folder / "lengths.csv").read_text().splitlines()[:4] == [
        *("characters,documents", "<=   25,1", "<=   50,0", "<=  100,1"),
    ]


def test_the_report_shows_what_went_and_why(clean: Clean, mixed: list[Document]) -> None:
    page = (clean(mixed, *BOUNDS) / "clean.html").read_text()
    for word in ("乙.txt:1", "太短。", "五班", "甲.txt:7"):
        assert word in page


def test_identifiers_are_masked_everywhere(clean: Clean, document: Make, table: Table) -> None:
    number = "13812345678"
    texts = [f"请拨打{number}与渡口的值班人员联系。", f"找{number}"]
    folder = clean([document(GOOD), *map(document, texts)])
    kept, removed = (table(folder / f"out/{name}.parquet") for name in ("kept", "removed"))
    assert kept[1]["text"] == "请拨打⟦手机号⟧与渡口的值班人员联系。"
    assert len(removed) == 1
    for path in (folder / "out/kept.parquet", folder / "out/removed.parquet"):
        assert not [row for row in table(path) if number in row["text"]]
    for name in ("clean.json", "clean.html"):
        assert number not in (folder / name).read_text()


def test_a_document_may_have_to_go_for_an_identifier(
    clean: Clean, document: Make, table: Table
) -> None:
    texts = [GOOD, "请拨打13812345678与渡口的值班人员联系。"]
    folder = clean([*map(document, texts)], "identifiers.policies.mobile=drop")
    assert [row["reason"] for row in table(folder / "out/removed.parquet")] == ["identifiers"]


def test_footers_go_from_the_pages_that_repeat_them(
    clean: Clean, document: Make, table: Table
) -> None:
    texts = [f"{line}\n青川县渡口管理所值班室提供" for line in corpus.reviews(30)]
    folder = clean([*map(document, texts)])
    report = json.loads((folder / "clean.json").read_text())
    kept = [row["text"] for row in table(folder / "out/kept.parquet")]
    assert report["repeated_lines"]["lines"] == 10
    assert sum("值班室" in text for text in kept) == 20
    assert "青川县渡口管理所值班室提供" in (folder / "clean.html").read_text()


def test_duplicates_may_stay(clean: Clean, document: Make, table: Table) -> None:
    folder = clean([document(GOOD)] * 3, "duplicates.exact=false", "duplicates.near=false")
    assert len(table(folder / "out/kept.parquet")) == 3


def test_of_equal_texts_the_first_stays_in_a_corpus_of_many_batches(
    clean: Clean, document: Make, table: Table
) -> None:
    texts = [f"第{number % 3000}号样品应当按时送检并登记。" for number in range(10_000)]
    made = [document(text, position=place) for place, text in enumerate(texts)]
    folder = clean(made, "duplicates.near=false")
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
        assert "too_short 2, language_mix 1" in said and "conf/clean" in said
    assert caught.value.code == 65
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
