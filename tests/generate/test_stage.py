"""The stage: samples, a page of them, and their figures, the same bytes every time."""

import contextlib
import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from conftest import Outputs, Settings
from xuxie.errors import Refusal
from xuxie.generate import stage
from xuxie.generate.diversity import distinct, repetition
from xuxie.generate.quality import quality
from xuxie.store.manifest import fingerprint_of, verify
from xuxie.store.records import read_documents

HOSTILE = "<script>alert('春')</script>"
PROMPTS = f'["主管部门应当", "{HOSTILE}", "abc", "ABC"]'
OVERRIDES = (
    "generate.samples=3",
    "generate.min_new_tokens=4",
    "generate.max_new_tokens=16",
    "generate.provenance.characters=6",
    "generate.explain.prompts=2",
    "generate.explain.samples=2",
)


def generate(settings: Settings, folder: Path, model: Path, splits: Path) -> Path:
    chosen = settings("track.enabled=false", *OVERRIDES, f"generate.prompts={PROMPTS}")
    with contextlib.chdir(folder):
        stage.run(
            chosen.generate,
            chosen.track,
            model=model,
            splits=splits,
            out=Path("samples"),
            metrics=Path("m.json"),
        )
    return folder


@pytest.fixture(scope="module")
def made(outputs: Outputs, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(settings, tmp_path_factory.mktemp("generated"), outputs.model, outputs.splits)


@pytest.fixture(scope="module")
def samples(made: Path) -> list[dict[str, Any]]:
    lines = (made / "samples/samples.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def page(made: Path) -> str:
    return (made / "samples/samples.html").read_text()


def test_each_prompt_is_continued_so_many_times(samples: list[dict[str, Any]]) -> None:
    expected = [(p, n) for p in ("主管部门应当", HOSTILE, "abc", "ABC") for n in range(3)]
    assert [(sample["prompt"], sample["number"]) for sample in samples] == expected
    assert all(4 <= sample["tokens"] <= 16 for sample in samples)


def test_the_directory_is_sealed(made: Path) -> None:
    verify(made / "samples")
    names = {path.name for path in (made / "samples").iterdir()}
    assert names == {"samples.jsonl", "samples.html", "manifest.json", "COMPLETE"}


def test_figures_follow_from_the_samples(
    made: Path, samples: list[dict[str, Any]], outputs: Outputs
) -> None:
    figures, texts = json.loads((made / "m.json").read_text()), [s["text"] for s in samples]
    assert figures == pytest.approx(
        {
            "samples": 12,
            "finished": sum(sample["finished"] for sample in samples) / 12,
            "repetition": sum(map(repetition, texts)) / 12,
            "bits_per_character": sum(sample["bits_per_character"] for sample in samples) / 12,
            "distinct_1": distinct(texts, 1),
            "distinct_2": distinct(texts, 2),
            "distinct_3": distinct(texts, 3),
            "verbatim": sum(map(covered, samples)) / sum(map(len, texts)),
            "longest_verbatim": max(
                s["end"] - s["start"] for sample in samples for s in sample["verbatim"]
            ),
        }
        | quality(texts, outputs.splits)
    )


def covered(sample: dict[str, Any]) -> int:
    return len({n for span in sample["verbatim"] for n in range(span["start"], span["end"])})


def test_verbatim_stretches_stand_in_the_documents_that_are_named(
    outputs: Outputs, samples: list[dict[str, Any]]
) -> None:
    train = {d.id: d for d in read_documents(outputs.splits / "train.parquet")}
    spans = [(sample["text"], span) for sample in samples for span in sample["verbatim"]]
    assert spans
    for text, span in spans:
        part = text[span["start"] : span["end"]]
        holders = [document for document in train.values() if part in document.text]
        assert span["documents"] == len(holders)
        assert [place["id"] for place in span["places"]] == [d.id for d in holders[:3]]
        assert span["licences"] == sorted({document.licence for document in holders})


def test_the_page_escapes_a_hostile_prompt(page: str) -> None:
    assert "<script" not in page
    shown = re.sub(r"</?(span|b)\b[^>]*>", "", page)
    assert shown.count("&lt;script&gt;alert(&#39;春&#39;)&lt;/script&gt;") == 4


def test_the_page_explains_as_many_samples_as_it_was_told(page: str) -> None:
    assert page.count("completeness error") == 4


def test_the_page_names_source_and_licence_of_each_stretch(
    samples: list[dict[str, Any]], page: str
) -> None:
    spans = [span for sample in samples for span in sample["verbatim"]]
    for span in spans:
        assert html.escape(span["licences"][0]) in page
        assert html.escape(span["places"][0]["id"]) in page
    assert page.count("<details>") == sum(bool(sample["verbatim"]) for sample in samples)


def test_the_page_needs_nothing_else(page: str) -> None:
    assert page.startswith("<!doctype html>")
    assert "http://" not in page and "https://" not in page


def test_each_prompt_has_its_own_part_of_the_page(page: str) -> None:
    assert page.count("<h2>") == 4
    assert {"<h2>abc</h2>", "<h2>ABC</h2>"} <= set(page.splitlines())


def test_the_page_names_the_model(outputs: Outputs, page: str) -> None:
    assert fingerprint_of(outputs.model) in page


def test_a_second_run_gives_the_same_bytes(
    outputs: Outputs, settings: Settings, made: Path, tmp_path: Path
) -> None:
    again = generate(settings, tmp_path, outputs.model, outputs.splits)
    for name in ("m.json", "samples/samples.jsonl", "samples/samples.html", "samples/COMPLETE"):
        assert (again / name).read_bytes() == (made / name).read_bytes()


def test_an_unfinished_model_is_refused(
    outputs: Outputs, settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(Refusal, match="COMPLETE"):
        generate(settings, tmp_path, tmp_path / "none", outputs.splits)
    assert list(tmp_path.iterdir()) == []
