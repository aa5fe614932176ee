"""The report: one page that needs nothing else and shows every figure."""

from html.parser import HTMLParser
from typing import Any

import pytest

from xuxie.evaluate.calibration import Bin
from xuxie.evaluate.pictures import SQUARE, position_curve, reliability_curve
from xuxie.evaluate.positions import Stretch
from xuxie.evaluate.report import TINTS, bars, page, ranges, tint
from xuxie.evaluate.surprisal import Heat, Piece

CURVES = "tokens,train,val\n1000,5.5,4.5\n2000,4.25,4.0\n4000,3.5,3.75\n"
VOID = {"meta", "br"}
ERRORS = {"expected_calibration_error": 0.0625, "mean_chance": 0.25, "accuracy": 0.1875}
HOSTILE = "<b>来源</b>\"'&<script>alert(1)</script>"


def row(seed: float) -> dict[str, Any]:
    return {
        "documents": round(seed * 100),
        "characters": round(seed * 10_000),
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


DRAWN: dict[str, Any] = {
    "reliability": [Bin(100, 0.25, 0.125), Bin(100, 0.75, 0.5)],
    "positions": [Stretch(1, 1, 9.0, 0.5), Stretch(2, 2, 7.0, 0.25), Stretch(3, 4, 6.5, 0.1)],
    "heats": [
        Heat(
            HOSTILE,
            "难 hard",
            5.0,
            [
                Piece(HOSTILE, 0.5, [(HOSTILE, 0.5), ("乙", 0.25)]),
                Piece("惊", 14.0, [("喜", 0.75)]),
            ],
        )
    ],
}


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


def read(*sources: str, curves: str = CURVES, **drawn: Any) -> Reader:
    reader = Reader()
    made = result(*sources) | {"calibration": {"test": ERRORS}} | drawn.pop("more", {})
    reader.feed(page(made, curves, "f1n9e2", **drawn))
    reader.close()
    assert reader.open == []
    return reader


def test_the_page_needs_nothing_else() -> None:
    made = page(result("法律", "评论"), CURVES, "f1n9e2")
    assert made.startswith("<!doctype html>")
    assert "http://" not in made and "https://" not in made
    assert not {"script", "link", "img", "iframe"} & set(read("法律").tags)
    attributes = read("法律", **DRAWN).attributes
    assert "src" not in attributes
    assert all(link.startswith("#") for link in attributes["href"])


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


def test_the_heat_map_is_only_text() -> None:
    reader = read("法律", **DRAWN)
    assert "script" not in reader.tags and "b" in reader.tags
    assert reader.text.count(HOSTILE) == 2
    titles = reader.attributes["title"]
    assert titles == [
        f"{HOSTILE}  0.5 比特 bits\n模型预期 expected:\n 50.0%  {HOSTILE}\n 25.0%  乙",
        "惊  14.0 比特 bits\n模型预期 expected:\n 75.0%  喜",
    ]
    assert {"t0", f"t{len(TINTS)}"} <= set(reader.attributes["class"])


@pytest.mark.parametrize(
    ("text", "bits", "expected"),
    [("字", 0.5, 0), ("字", 1.0, 1), ("四个字的", 8.0, 2), ("字", 99, 8)],
)
def test_tints_go_by_bits_per_character(text: str, bits: float, expected: int) -> None:
    assert tint(Piece(text, bits, [])) == expected


def test_slices_are_drawn_on_one_scale() -> None:
    slices = {"刑法": row(2.0), "2015-2019": row(4.0)}
    (narrow, wide) = ranges(slices)
    assert (narrow.left, wide.left + wide.width) == (0, pytest.approx(100))
    assert narrow.place == pytest.approx(100 * 0.125 / 2.375)
    text = read("法律", more={"domains": {"test": slices}}).text
    assert "领域" in text and "刑法" in text and "2015-2019" in text


def test_right_chances_lie_on_the_diagonal() -> None:
    curve = reliability_curve([Bin(100, share, share) for share in (0.1, 0.5, 0.9)])
    assert all(mark.x == pytest.approx(SQUARE - mark.y) for mark in curve.marks)
    too_sure = reliability_curve(DRAWN["reliability"])
    assert all(mark.y > SQUARE - mark.x for mark in too_sure.marks)  # y grows downwards


def test_positions_double_from_tick_to_tick_within_the_frame() -> None:
    curve = position_curve(DRAWN["positions"])
    assert [mark.x for mark in curve.marks] == [0, 320, 640]
    assert [tick.label for tick in curve.across] == ["1", "2", "4"]
    assert [tick.label for tick in curve.up] == ["6", "7", "8", "9", "10"]
    assert all(0 <= mark.high <= mark.y <= mark.low <= 240 for mark in curve.marks)


def test_calibration_and_positions_are_told_or_their_absence_is() -> None:
    drawn, bare = read("法律", **DRAWN), read("法律")
    assert drawn.tags.count("circle") == 5
    assert "6.25 %" in drawn.text
    assert "circle" not in bare.tags
    assert "there is no curve" in bare.text
