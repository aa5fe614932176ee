"""A token a character, bytes for the rest: lossless on any text, and loaded as any other."""

from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st
from transformers import AutoTokenizer, PreTrainedTokenizerFast

import corpus
from xuxie.tokenizer import characters
from xuxie.tokenizer.bpe import END_OF_TEXT
from xuxie.tokenizer.encode import decode, encode, encode_with_places

PIECES = [END_OF_TEXT, "<0x41>", "<0x", " ", "　", "\0", "\r\n", "🎋👩‍🌾", "登记", "é", "𠀀"]
TEXTS = st.text() | st.lists(st.sampled_from(PIECES)).map("".join)


def learn(vocabulary: int = 10_000, min_frequency: int = 1) -> PreTrainedTokenizerFast:
    texts = iter(corpus.reviews())
    return characters.train(texts, vocabulary=vocabulary, min_frequency=min_frequency)


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> PreTrainedTokenizerFast:
    """As any tool loads it."""
    folder = tmp_path_factory.mktemp("characters")
    learn().save_pretrained(folder)
    return AutoTokenizer.from_pretrained(folder)


@hypothesis.given(texts=st.lists(TEXTS, min_size=1, max_size=5))
@hypothesis.settings(deadline=None, derandomize=True)
def test_any_text_comes_back_from_its_tokens(
    learned: PreTrainedTokenizerFast, texts: list[str]
) -> None:
    assert decode(learned, encode(learned, texts)) == texts


def test_every_character_of_train_is_one_token(learned: PreTrainedTokenizerFast) -> None:
    texts = corpus.reviews()
    assert [len(tokens) for tokens in encode(learned, texts)] == [len(text) for text in texts]


def test_a_character_that_train_lacks_is_its_bytes(learned: PreTrainedTokenizerFast) -> None:
    tokens, places = encode_with_places(learned, "𠀀")
    assert learned.convert_ids_to_tokens(tokens) == ["<0xF0>", "<0xA0>", "<0x80>", "<0x80>"]
    assert places == [(0, 1)] * 4
    assert learned.unk_token is None


def test_text_that_spells_the_end_of_text_stays_text(learned: PreTrainedTokenizerFast) -> None:
    (tokens,) = encode(learned, [f"正文{END_OF_TEXT}还是正文"])
    assert learned.eos_token_id not in tokens


def test_the_most_frequent_characters_come_first_and_rare_ones_not_at_all() -> None:
    words = characters.train(iter(["乙甲甲丙丙"]), vocabulary=10_000, min_frequency=2)
    assert words.convert_ids_to_tokens([257, 258]) == ["丙", "甲"]
    assert (len(words), len(learn(vocabulary=300))) == (259, 300)


def test_learning_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        learn().save_pretrained(tmp_path / name)
    [first, second] = [tmp_path / name / "tokenizer.json" for name in ("first", "second")]
    assert first.read_bytes() == second.read_bytes()
