"""The byte-level BPE: lossless on any text, of the asked size, the same every time."""

from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

import corpus
from xuxie.tokenizer import bpe
from xuxie.tokenizer.encode import decode, encode

PIECES = [
    bpe.END_OF_TEXT,
    "<|",
    "endoftext",
    "|>",
    " ",
    "　",
    "\0",
    "\x1b",
    "\r\n",
    "🎋👩‍🌾",
    "登记",
    "é",
]
TEXTS = st.text() | st.lists(st.sampled_from(PIECES)).map("".join)


def learn(vocabulary: int = 600, min_frequency: int = 2) -> PreTrainedTokenizerFast:
    texts = iter(corpus.reviews())
    return bpe.train(texts, vocabulary=vocabulary, min_frequency=min_frequency)


@pytest.fixture(scope="module")
def learned() -> PreTrainedTokenizerFast:
    return learn()


@hypothesis.given(texts=st.lists(TEXTS, min_size=1, max_size=5))
@hypothesis.settings(deadline=None, derandomize=True)
def test_any_text_comes_back_from_its_tokens(
    learned: PreTrainedTokenizerFast, texts: list[str]
) -> None:
    assert decode(learned, encode(learned, texts)) == texts


def test_text_that_spells_the_end_of_text_stays_text(learned: PreTrainedTokenizerFast) -> None:
    (tokens,) = encode(learned, [f"正文{bpe.END_OF_TEXT}还是正文"])
    assert learned.eos_token_id not in tokens


@pytest.mark.parametrize("vocabulary", [257, 300, 600])
def test_the_vocabulary_has_the_asked_size(vocabulary: int) -> None:
    assert len(learn(vocabulary)) == vocabulary


def test_pairs_that_are_too_rare_are_not_merged() -> None:
    assert len(learn(min_frequency=10**6)) == 257


def test_the_end_of_text_is_the_only_special_token(learned: PreTrainedTokenizerFast) -> None:
    assert learned.all_special_tokens == [bpe.END_OF_TEXT]
    assert learned.eos_token == learned.bos_token == bpe.END_OF_TEXT


def test_learning_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        learn().save_pretrained(tmp_path / name)
    names = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert "tokenizer.json" in names
    for name in names:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
