"""The automaton that keeps sampled bytes valid UTF-8, against Python's own decoder."""

import codecs
import itertools

import hypothesis
import pytest
import torch
from hypothesis import strategies as st
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

import corpus
from xuxie.generate.utf8 import COMPLETE, INVALID, ValidUtf8, after, byte_signs, transitions
from xuxie.tokenizer import bpe
from xuxie.tokenizer.encode import encode

# Every border between classes of bytes, and a byte on either side of it.
BORDERS = [0x80, 0xA0, 0x90, 0xC0, 0xC2, 0xE0, 0xE1, 0xED, 0xEE, 0xF0, 0xF1, 0xF4, 0xF5]
BYTES = sorted({0x00, 0x7F, 0xFF} | {border + side for border in BORDERS for side in (-1, 0)})
TEXTS = st.text(min_size=1).map(str.encode)


@pytest.fixture(scope="module")
def words() -> PreTrainedTokenizerBase:
    return bpe.train(iter(corpus.reviews()), vocabulary=400, min_frequency=2)


@pytest.fixture(scope="module")
def table(words: PreTrainedTokenizerBase) -> torch.Tensor:
    made = transitions(words)
    assert made is not None
    return made


def judged(data: bytes) -> str:
    """By Python's decoder: whole text, the beginning of one, or neither."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
        data.decode()
    except UnicodeDecodeError as error:
        return "begun" if error.reason == "unexpected end of data" else "invalid"
    return "whole"


def ours(data: bytes) -> str:
    state = after(COMPLETE, data)
    return {COMPLETE: "whole", INVALID: "invalid"}.get(state, "begun")


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_bytes_at_the_borders_are_judged_as_python_does(length: int) -> None:
    for data in map(bytes, itertools.product(BYTES, repeat=length)):
        assert ours(data) == judged(data), data.hex()


def test_all_pairs_of_bytes_are_judged_as_python_does() -> None:
    for data in map(bytes, itertools.product(range(256), repeat=2)):
        assert ours(data) == judged(data), data.hex()


@hypothesis.given(data=st.binary(max_size=12) | TEXTS | TEXTS.map(lambda data: data[:-1]))
@hypothesis.settings(deadline=None, derandomize=True, max_examples=300)
def test_any_bytes_are_judged_as_python_does(data: bytes) -> None:
    assert ours(data) == judged(data)


@hypothesis.given(data=st.binary(max_size=8), place=st.integers(0, 8))
@hypothesis.settings(deadline=None, derandomize=True)
def test_bytes_may_come_in_pieces(data: bytes, place: int) -> None:
    state = after(COMPLETE, data[:place])
    whole = after(state, data[place:]) if state != INVALID else INVALID
    assert whole == after(COMPLETE, data)


def test_signs_stand_for_bytes_as_in_the_tokenizer(words: PreTrainedTokenizerBase) -> None:
    text = "续写🎋\x00\x7f é\n"
    signs = words.convert_ids_to_tokens(encode(words, [text])[0])
    assert bytes(byte_signs()[sign] for token in signs for sign in token) == text.encode()
    assert sorted(byte_signs().values()) == list(range(256))


def test_the_table_follows_the_tokens_of_any_text(
    words: PreTrainedTokenizerBase, table: torch.Tensor
) -> None:
    state = COMPLETE
    for token in encode(words, ["繁體字、emoji 🎋👩‍🌾 与 é"])[0]:
        state = int(table[state, token])
        assert state != INVALID
    assert state == COMPLETE


def test_the_end_of_text_may_only_follow_whole_characters(
    words: PreTrainedTokenizerBase, table: torch.Tensor
) -> None:
    column = table[:, words.eos_token_id].tolist()
    assert column == [COMPLETE] + [INVALID] * (len(column) - 1)


def test_tokens_that_are_not_bytes_need_no_table() -> None:
    words = Tokenizer(models.WordLevel({"[UNK]": 0, "字": 1}, "[UNK]"))
    assert transitions(PreTrainedTokenizerFast(tokenizer_object=words)) is None


def forbidden(table: torch.Tensor, tokens: list[int], width: int) -> torch.Tensor:
    """Which of `width` tokens may not follow `tokens`."""
    valid = ValidUtf8(table, 2, width, torch.device("cpu"))
    for token in tokens:
        valid.follow(torch.tensor([token, token]))
    scores = torch.ones(2, width)
    valid.forbid(scores)
    assert torch.equal(scores[0], scores[1])
    return scores[0].isneginf()


def test_only_what_can_follow_keeps_its_score(
    words: PreTrainedTokenizerBase, table: torch.Tensor
) -> None:
    begun = encode(words, ["𠮷"])[0]
    for tokens in ([], begun[:1], begun, [*begun, words.eos_token_id]):
        state = COMPLETE
        for token in tokens:
            state = int(table[state, token])
        assert torch.equal(forbidden(table, tokens, len(words)), table[state] == INVALID)


def test_rows_are_followed_one_by_one(words: PreTrainedTokenizerBase, table: torch.Tensor) -> None:
    begun = encode(words, ["𠮷"])[0]
    valid = ValidUtf8(table, 2, len(words), torch.device("cpu"))
    valid.follow(torch.tensor([begun[0], words.eos_token_id]))
    scores = torch.zeros(2, len(words))
    valid.forbid(scores)
    for row, state in zip(scores, (int(table[0, begun[0]]), COMPLETE), strict=True):
        assert torch.equal(row == 0, table[state] != INVALID)


def test_numbers_beyond_the_vocabulary_are_never_taken(
    words: PreTrainedTokenizerBase, table: torch.Tensor
) -> None:
    """Models often have more rows than the tokenizer has tokens."""
    never = forbidden(table, [], len(words) + 9)
    assert never[len(words) :].all()
    assert not never[: len(words)].all()
