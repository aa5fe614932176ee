"""The heat map: whole characters, the bits of the scores, what the model itself finds likeliest."""

import math

import numpy as np
import pytest
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

import corpus
from conftest import Outputs
from xuxie.evaluate.score import Scores, scored
from xuxie.evaluate.surprisal import LONGEST, RANKS, examples, heats, merged, shown, surprisal
from xuxie.evaluate.texts import Texts
from xuxie.tokenizer.encode import boundary, encode

RARE = "😀这篇评论里有生僻字：𠮷野家、龘，还有  空格\nand\tEnglish。🎋"
LAW = corpus.articles("虚构金滩渡口条例", 30)
DOCUMENTS = [*LAW, *corpus.reviews()[:40], RARE]
TEXTS = Texts(
    DOCUMENTS,
    ["statutes"] * 30 + ["reviews"] * 41,
    np.array([0] * 30 + list(range(1, 42))),
)


@pytest.fixture(scope="module")
def scores(outputs: Outputs, model: PreTrainedModel, words: PreTrainedTokenizerBase) -> Scores:
    return scored(outputs.config.evaluate, model, words, TEXTS)


@pytest.mark.parametrize("place", [0, 17, 29, 35, 70])
def test_pieces_are_the_text_and_its_bits(
    outputs: Outputs,
    model: PreTrainedModel,
    words: PreTrainedTokenizerBase,
    scores: Scores,
    place: int,
) -> None:
    """Also of a document far into a group that is longer than the context."""
    pieces = surprisal(outputs.config.evaluate, model, words, TEXTS, place)
    assert "".join(piece.text for piece in pieces) == DOCUMENTS[place]
    assert "\ufffd" not in "".join(piece.text for piece in pieces)
    total = sum(piece.bits for piece in pieces)
    assert total == pytest.approx(scores.nats[place] / math.log(2), rel=1e-4)
    for piece in pieces:
        chances = [chance for _, chance in piece.expected]
        assert chances == sorted(chances, reverse=True)
        assert 0 < sum(chances) <= 1.0001


def test_a_character_of_many_tokens_is_one_piece(words: PreTrainedTokenizerBase) -> None:
    (tokens,) = encode(words, [RARE])
    bits = torch.ones(len(tokens))
    pieces = merged(words, RARE, bits, torch.zeros(len(tokens), len(words)))
    assert len(pieces) < len(tokens)
    assert sum(piece.bits for piece in pieces) == len(tokens)
    for sign in "😀𠮷🎋":
        (piece,) = [piece for piece in pieces if sign in piece.text]
        assert piece.bits > 1


def test_what_was_expected_is_what_the_model_says(
    outputs: Outputs, model: PreTrainedModel, words: PreTrainedTokenizerBase
) -> None:
    pieces = surprisal(outputs.config.evaluate, model, words, TEXTS, 30)
    with torch.inference_mode():
        logits = model(torch.tensor([[boundary(words)]])).logits[0, -1]
    chance, token = logits.softmax(-1).max(-1)
    assert pieces[0].expected[0] == (
        shown(words, int(token)),
        pytest.approx(float(chance), rel=1e-4),
    )


def test_alternatives_are_never_half_characters(words: PreTrainedTokenizerBase) -> None:
    read = [shown(words, token) for token in range(len(words))]
    assert not any("\ufffd" in text or "\n" in text for text in read)
    assert sum("part of a character" in text for text in read) > 50
    assert read[boundary(words)] == "（文末 end of text）"


def test_each_source_shows_an_easy_a_typical_and_a_hard_document(scores: Scores) -> None:
    lengths = TEXTS.characters()
    rates = scores.nats / lengths
    found = list(examples(TEXTS, rates))
    assert [(source, rank) for source, rank, _ in found] == [
        (source, rank) for source in ("reviews", "statutes") for rank in RANKS
    ]
    for at in (0, 3):
        places = [place for _, _, place in found[at : at + 3]]
        assert rates[places].tolist() == sorted(rates[places])
        assert (lengths[places] <= LONGEST).all()


def test_a_split_without_a_fitting_document_shows_none(
    outputs: Outputs, model: PreTrainedModel, words: PreTrainedTokenizerBase
) -> None:
    short = Texts(["短。"], ["s"], np.array([0]))
    found = scored(outputs.config.evaluate, model, words, short)
    assert heats(outputs.config.evaluate, model, words, short, found) == []
