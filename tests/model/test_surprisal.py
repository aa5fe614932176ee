"""Pieces are whole characters and the whole text; their bits are what transformers charges."""

import math

import hypothesis
import pytest
import torch
from hypothesis import strategies
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)

from xuxie.model.surprisal import Piece, charged, surprisal, whole_characters
from xuxie.tokenizer.encode import boundary, encode, encode_with_places

TEXT = "主管部门应当在三日内，𠮷野家 Wi-Fi  à la 👩‍🚀。"


@pytest.fixture(scope="module")
def pieces(model: PreTrainedModel, words: PreTrainedTokenizerBase) -> list[Piece]:
    return read(model, words, TEXT)


def read(model: PreTrainedModel, words: PreTrainedTokenizerBase, text: str) -> list[Piece]:
    tokens, places = encode_with_places(words, text)
    return surprisal(
        model, words, [boundary(words)], tokens, places, length=len(text), alternatives=4
    )


def spoken(text: str, words: PreTrainedTokenizerBase) -> list[str]:
    places = encode_with_places(words, text)[1]
    return [text[start:end] for _, (start, end) in whole_characters(places, len(text))]


@hypothesis.settings(deadline=None, max_examples=100, derandomize=True, database=None)
@hypothesis.given(text=strategies.text(max_size=20))
def test_pieces_are_the_text_and_never_half_a_character(
    words: PreTrainedTokenizerBase, text: str
) -> None:
    tokens, places = encode_with_places(words, text)
    assert tokens == encode(words, [text])[0]
    found = list(whole_characters(places, len(text)))
    assert "".join(text[start:end] for _, (start, end) in found) == text
    assert [number for run, _ in found for number in run] == list(range(len(tokens)))
    for run, (start, end) in found:
        said = words.decode([tokens[number] for number in run])
        assert said == text[start:end]


def test_a_run_is_no_longer_than_it_must_be(words: PreTrainedTokenizerBase) -> None:
    assert spoken("房间👩房间", words) == ["房间", "👩", "房间"]


def test_what_no_token_claims_belongs_to_the_next_piece() -> None:
    vocabulary = {"[UNK]": 0, "春": 1, "abc": 2}
    plain = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    plain.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    words = PreTrainedTokenizerFast(tokenizer_object=plain, unk_token="[UNK]")
    assert spoken("  春 abc  ", words) == ["  春", " abc  "]


def test_a_token_without_characters_joins_the_next() -> None:
    assert list(whole_characters([(0, 0), (0, 1), (1, 1), (1, 2)], 2)) == [
        (range(2), (0, 1)),
        (range(2, 4), (1, 2)),
    ]
    assert list(whole_characters([], 0)) == []


def test_bits_are_those_of_transformers_own_loss(
    model: PreTrainedModel, words: PreTrainedTokenizerBase, pieces: list[Piece]
) -> None:
    tokens = torch.tensor([[boundary(words), *encode(words, [TEXT])[0]]])
    with torch.no_grad():
        loss = model(tokens, labels=tokens).loss.item()
    assert math.fsum(piece.bits for piece in pieces) == pytest.approx(
        loss * (tokens.shape[1] - 1) / math.log(2), rel=1e-5
    )
    assert sum(piece.tokens for piece in pieces) == tokens.shape[1] - 1


def test_alternatives_are_the_likeliest_tokens_there(
    model: PreTrainedModel, words: PreTrainedTokenizerBase, pieces: list[Piece]
) -> None:
    first = pieces[0]
    tokens = encode(words, [TEXT[: first.end]])[0]
    with torch.no_grad():
        chances = model(torch.tensor([[boundary(words)]])).logits[0, -1].softmax(-1)
    best = chances.topk(4)
    assert [a.probability for a in first.alternatives] == pytest.approx(
        best.values.tolist(), rel=1e-4
    )
    assert first.bits == pytest.approx(-math.log2(chances[tokens[0]].item()), rel=1e-4)
    for shown, token in zip(first.alternatives, best.indices.tolist(), strict=True):
        said = words.decode([token])
        assert shown.text == ("" if "\ufffd" in said else said)


def test_a_text_longer_than_the_context_is_read_with_half_of_it_before_each_token() -> None:
    torch.manual_seed(1)
    config = GPT2Config(vocab_size=50, n_positions=8, n_embd=16, n_layer=2, n_head=2)
    model = GPT2LMHeadModel(config).eval()
    tokens = torch.randint(50, (30,)).tolist()
    bits, values, instead = charged(model, tokens[:1], tokens[1:], 3)
    assert len(bits) == len(values) == len(instead) == 29
    for place in range(1, 30):
        begin = max(0, (place - 8 + 3) // 4 * 4)
        assert place - begin >= min(place, 5)
        with torch.no_grad():
            logits = model(torch.tensor([tokens[begin:place]])).logits[0, -1]
        expected = -logits.log_softmax(-1)[tokens[place]].item() / math.log(2)
        assert bits[place - 1] == pytest.approx(expected, rel=1e-4)


def test_a_part_of_a_character_is_not_shown() -> None:
    signs = sorted(pre_tokenizers.ByteLevel.alphabet())
    alphabet = {sign: number for number, sign in enumerate(signs)}
    split = Tokenizer(models.BPE(alphabet, []))
    split.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    split.decoder = decoders.ByteLevel()
    bytes_only = PreTrainedTokenizerFast(tokenizer_object=split, eos_token="A")
    torch.manual_seed(2)
    model = GPT2LMHeadModel(GPT2Config(vocab_size=256, n_embd=8, n_layer=1, n_head=1)).eval()
    found = read(model, bytes_only, "春a夏")
    assert [(piece.start, piece.end, piece.tokens) for piece in found] == [
        (0, 1, 3),
        (1, 2, 1),
        (2, 3, 3),
    ]
    shown = {alternative.text for piece in found for alternative in piece.alternatives}
    assert "" in shown
    assert not any("\ufffd" in text for text in shown)
