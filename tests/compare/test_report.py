"""The page and the terminal's tables of a comparison."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from io import StringIO

import pytest
from rich.console import Console

from planted_scores import scores
from xuxie.compare.comparison import Comparison, compare
from xuxie.compare.drawing import COLOURS
from xuxie.compare.noise import Noise
from xuxie.compare.report import page
from xuxie.compare.subject import Subject
from xuxie.compare.terminal import show
from xuxie.compare.verdict import LETTERS
from xuxie.evaluate.settings import Bootstrap

Make = Callable[..., Subject]
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def found(subject: Make, bootstrap: Bootstrap, noise: Noise) -> Comparison:
    curve = [{"tokens": 1000.0, "train": 5.8, "val": 5.9}, {"tokens": 2000.0, "val": 5.0}]
    first = subject(
        scores(seed=1),
        name="plain",
        params={"train.seed": "1", "train.epochs": "1", "steps": "10"},
        data={"data/splits": "aaaa"},
        commit="1" * 40,
        samples=[{"prompt": "今天", "text": HOSTILE, "finished": True}],
        curve=curve,
    )
    second = subject(
        scores(seed=2, better=0.3),
        name=HOSTILE,
        params={"train.seed": "1", "train.epochs": "4", "clean.width": "True"},
        data={"data/splits": "bbbb"},
        commit="2" * 40,
        changed=True,
        samples=[{"prompt": "今天", "text": "天气很好", "finished": False}],
        curve=curve,
    )
    return compare([first, second], bootstrap, noise)


class Tags(HTMLParser):
    """Every tag of a page, and how deep the open ones lie at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not {"src", "href", "onclick", "onload"} & {name for name, _ in attrs}


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(found: Comparison) -> None:
    tags = Tags()
    tags.feed(page(found))
    assert "script" not in tags.tags
    assert tags.tags.count("svg") == 2  # intervals and curves


def test_the_page_says_what_was_found_in_both_languages(found: Comparison) -> None:
    text = page(found)
    [words] = found.verdicts
    assert words.english.startswith("B is better than A by 0.")
    assert text.index(words.chinese) < text.index(words.english)
    commits = "111111111111", "222222222222 + 未提交"
    assert all(shown in text for shown in ("train.epochs", "data/splits", "天气很好……", *commits))


def test_what_one_model_does_not_know_is_no_difference(found: Comparison) -> None:
    assert [row.key for row in found.settings] == ["train.epochs"]


def test_what_the_page_draws_lies_inside_its_picture(found: Comparison) -> None:
    points = re.findall(r'points="([^"]*)"', page(found))
    assert len(points) == 4
    places = [float(number) for line in points for number in re.split("[ ,]", line)]
    assert all(0 <= place <= 640 for place in places)


def test_the_terminal_shows_the_same(found: Comparison) -> None:
    console = Console(file=StringIO(), width=160)
    show(found, console)
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    [words] = found.verdicts
    assert words.chinese in text and words.english in text
    assert HOSTILE in text and "train.epochs" in text


def test_there_is_a_colour_for_each_letter() -> None:
    assert len(COLOURS) == len(set(COLOURS)) == len(LETTERS)
