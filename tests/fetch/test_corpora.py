"""Records of the demonstration corpora."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import corpus
from xuxie.fetch.corpora import reviews, statutes

IN_FORCE = "现行有效"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "laws.db"
    corpus.laws_database(path)
    return path


def test_an_article_is_headed_by_its_number_and_named_by_its_law(database: Path) -> None:
    record = next(statutes(database, [IN_FORCE], f"^{corpus.LAWS[3]}$"))
    assert record == {
        "text": f"第1条　{corpus.articles(corpus.LAWS[3])[0]}",
        "source": "statutes",
        "domain": "经济法",
        "group": corpus.LAWS[3],
        "position": 0,
        "date": "2024-05-01",
        "licence": "public domain (PRC Copyright Law, art. 5); compilation MIT",
    }


@pytest.mark.parametrize(
    ("statuses", "laws"),
    [
        ([IN_FORCE], len(corpus.LAWS)),
        (["已废止"], 1),
        ([IN_FORCE, "已废止"], len(corpus.LAWS) + 1),
        (["未生效"], 0),
    ],
)
def test_articles_of_the_statuses_asked_for_come(
    database: Path, statuses: list[str], laws: int
) -> None:
    assert len({record["group"] for record in statutes(database, statuses, "")}) == laws


@pytest.mark.parametrize("names", ["证券|果园", "^虚构青川", "电子商务平台条例$", "不存在"])
def test_laws_whose_name_matches_come(database: Path, names: str) -> None:
    wanted = {
        "证券|果园": {law for law in corpus.LAWS if "证券" in law or "果园" in law},
        "^虚构青川": {law for law in corpus.LAWS if "青川" in law},
        "电子商务平台条例$": {law for law in corpus.LAWS if law.endswith("电子商务平台条例")},
        "不存在": set(),
    }[names]
    assert {record["group"] for record in statutes(database, [IN_FORCE], names)} == wanted


def test_laws_are_sorted_and_articles_follow_their_ids(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE articles SET id = 1000 - id")
        connection.commit()
    found = list(statutes(database, [IN_FORCE], ""))
    groups = [record["group"] for record in found]
    assert groups == sorted(groups)
    assert [record["text"][:3] for record in found[:6]] == [f"第{n}条" for n in range(6, 0, -1)]
    assert [record["position"] for record in found[:7]] == [0, 1, 2, 3, 4, 5, 0]


def test_blank_lines_are_no_reviews() -> None:
    found = list(reviews("房间干净。\n\n 　\n早餐太慢！\n"))
    assert [record["text"] for record in found] == ["房间干净。", "早餐太慢！"]
    assert all({"date", "group"}.isdisjoint(record) for record in found)
