"""What the page says of a sample: each character once, with its piece, its span and its tint."""

import re

import pytest
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from conftest import Settings
from xuxie.generate.explain import Explainer
from xuxie.generate.page import Shown, fragments, page
from xuxie.generate.provenance.spans import Place, Span
from xuxie.generate.sample import Sample
from xuxie.model.surprisal import Alternative, Piece

PIECES = [
    Piece(0, 2, 1, 6.0, (Alternative("房间", 0.5), Alternative("", 0.25))),
    Piece(2, 3, 3, 48.0, (Alternative("<b>", 0.125),)),
    Piece(3, 6, 1, 0.0, ()),
]


def span(start: int, end: int, name: str) -> Span:
    place = Place(f"{name}<id>", f"{name}<source>", "group", f"{name}<licence>", "file:1")
    return Span(start, end, 7, 5, [place], [f"{name}<licence>", "another"])


SPANS = [span(1, 4, "short"), span(2, 6, "long")]


def sample(text: str, prompt: str = "很好。") -> Sample:
    return Sample(prompt, 0, text, 5, True, 2.0)


def test_fragments_are_cut_at_every_edge_and_the_longest_span_wins() -> None:
    found = [(f.text, f.bits, f.tint, f.span) for f in fragments("春江潮水连海", PIECES, SPANS)]
    assert found == [
        ("春", 3.0, 0.25, None),
        ("江", 3.0, 0.25, SPANS[0]),
        ("潮", 48.0, 1.0, SPANS[1]),
        ("水", 0.0, 0.0, SPANS[1]),
        ("连海", 0.0, 0.0, SPANS[1]),
    ]


def test_neighbours_of_one_span_are_one_run() -> None:
    shown = Shown(sample("春江潮水连海"), SPANS, None)
    runs = [(span, [part.text for part in parts]) for span, parts in shown.runs]
    assert runs == [(None, ["春"]), (SPANS[0], ["江"]), (SPANS[1], ["潮水", "连海"])]
    assert shown.verbatim == pytest.approx(5 / 6)


def test_an_empty_sample_is_shown() -> None:
    made = page([Shown(sample(""), [], None)], "f" * 64, characters=8)
    assert "<b>很好。</b></div>" in made
    assert "verbatim 0 %" in made


def test_every_source_and_licence_is_named_and_escaped() -> None:
    made = page([Shown(sample("春江潮水连海"), SPANS, None)], "f" * 64, characters=8)
    for name in ("short", "long"):
        for field in ("id", "source", "licence"):
            assert f"{name}&lt;{field}&gt;" in made
    assert "another" in made
    assert "<source>" not in made


def test_the_text_of_the_page_is_the_text_of_the_sample(
    model: PreTrainedModel, words: PreTrainedTokenizerBase, settings: Settings
) -> None:
    explainer = Explainer(model, words, settings().generate)
    text = " 房间<干净>，👩屏幕 ok\n下次 "
    explanation = explainer.explain(sample(text))
    assert explanation is not None
    shown = Shown(sample(text), SPANS, explanation)
    assert "".join(part.text for _, parts in shown.runs for part in parts) == text
    made = page([shown], "f" * 64, characters=8)
    (body,) = re.findall(r'<div class="text">(.*?)</div>', made, re.S)
    cards = re.sub(r'<span class="card.*?</span>', "", body, flags=re.S)
    plain = re.sub(r"<[^>]*>", "", cards)
    assert plain == "很好。" + text.replace("<", "&lt;").replace(">", "&gt;")


def test_prompt_characters_are_tinted_by_what_they_did(
    model: PreTrainedModel, words: PreTrainedTokenizerBase, settings: Settings
) -> None:
    explainer = Explainer(model, words, settings().generate)
    one = sample("房间干净", prompt="早餐一般，")
    explanation = explainer.explain(one)
    assert explanation is not None
    shown = Shown(one, [], explanation)
    assert "".join(sign for sign, _, _ in shown.prompt) == one.prompt
    bits = [bits for _, bits, _ in shown.prompt if bits is not None]
    assert sum(bits) == pytest.approx(sum(explanation.whole.bits))
    assert max(abs(tint) for _, _, tint in shown.prompt) == 1
    assert all(tint * bits >= 0 for _, bits, tint in shown.prompt if bits is not None)
    assert one.text.startswith(explanation.target)


def test_of_a_long_prompt_the_end_is_explained(
    model: PreTrainedModel, words: PreTrainedTokenizerBase, settings: Settings
) -> None:
    explainer = Explainer(model, words, settings().generate)
    one = sample("房间干净", prompt="早餐一般，" * 300)
    explanation = explainer.explain(one)
    assert explanation is not None
    assert len(explanation.whole.bits) == explainer.room
    assert explanation.prompt[0] == 0
    assert any(explanation.prompt[-5:])


def test_nothing_is_explained_where_nothing_was_added(
    model: PreTrainedModel, words: PreTrainedTokenizerBase, settings: Settings
) -> None:
    assert Explainer(model, words, settings().generate).explain(sample("")) is None
