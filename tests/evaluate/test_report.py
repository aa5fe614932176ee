"""The report: one page that needs nothing else and shows every figure."""

from html.parser import HTMLParser
from typing import Any

import pytest

from xuxie.evaluate.report import bars, page

CURVES = "tokens,train,val\n1000,5.5,4.5\n2000,4.25,4.0\n4000,3.5,3.75\n"
VOID = {"meta", "br"}
HOSTILE = "<b>来源</b>\"'&<script>alert(1)</script>"


def row(seed: float) -> dict[str, Any]:
    return {
        "documents": round(seed * 100),
        "bits_per_character": seed,
        "bits_per_character_low": seed - 0.125,
        "bits_per_character_high": seed + 0.25,
        "bits_per_byte": seed / 3,
        "cross_entropy": seed + 1,
        "token_perplexity": seed * 7,
        "next_token_accuracy": seed / 10,
    }


def result(*sources: str) -> dict[str, Any]:
    names = ["all", *sources]
    rows = {name: row(3 + place / 7) for place, name in enumerate(names)}
    table = {
        "xz": {name: 4 + place / 7 for place, name in enumerate(names)},
        "kneser_ney_6": {name: 5 + place / 7 for place, name in enumerate(names)},
    }
    return {"test": rows, "val": rows, "baselines": {"test": table, "val": table}}


class Reader(HTMLParser):
    """Collects tags and text, and checks that what is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: dict[str, list[str]] = {}
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open += [] if tag in VOID else [tag]
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(*sources: str, curves: str = CURVES) -> Reader:
    reader = Reader()
    reader.feed(page(result(*sources), curves, "f1n9e2"))
    reader.close()
    assert reader.open == []
    return reader


def test_the_page_needs_nothing_else() -> None:
    made = page(result("法律", "评论"), CURVES, "f1n9e2")
    assert made.startswith("<!doctype html>")
    assert "http://" not in made and "https://" not in made
    assert not {"script", "link", "img", "iframe"} & set(read("法律").tags)
    assert not {"src", "href"} & read("法律").attributes.keys()


def test_every_source_and_figure_is_shown() -> None:
    text = read("法律", "评论").text
    assert "f1n9e2" in text
    for place, source in enumerate(["all", "法律", "评论"]):
        figures = row(3 + place / 7)
        assert source in text
        for name in ("bits_per_character", "bits_per_byte", "cross_entropy"):
            assert f"{figures[name]:.3f}" in text
        for name in ("bits_per_character_low", "bits_per_character_high"):
            assert f"{figures[name]:.3f}" in text
        assert f"{figures['token_perplexity']:.1f}" in text
        assert f"{figures['next_token_accuracy'] * 100:.1f} %" in text
        assert f"{4 + place / 7:.3f}" in text
        assert f"{5 + place / 7:.3f}" in text


def test_a_hostile_source_name_is_only_text() -> None:
    reader = read(HOSTILE)
    assert HOSTILE in reader.text
    assert "script" not in reader.tags


def test_bars_are_in_proportion_and_the_longest_is_whole() -> None:
    made = bars(result("法律"))
    assert max(bar.share for bar in made) == 1.0
    assert [bar.value / bar.share for bar in made] == pytest.approx([5 + 1 / 7] * 6)
    assert [bar.method for bar in made] == ["model", "xz", "kneser_ney_6"] * 2
    assert len({bar.colour for bar in made}) == 3


def test_curves_fill_the_frame() -> None:
    train, val = read("法律").attributes["points"]
    assert train == "160.0,0.0 320.0,150.0 640.0,240.0"
    assert val == "160.0,120.0 320.0,180.0 640.0,210.0"


def test_a_curve_of_one_level_point_is_drawn() -> None:
    train, val = read("法律", curves="tokens,train,val\n500,4.0,4.0\n").attributes["points"]
    assert train == val == "640.0,0.0"
