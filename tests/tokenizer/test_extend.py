"""An extended tokenizer keeps what it was, and makes fewer tokens of the texts it has seen."""

from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    GPT2Tokenizer,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    Qwen2Tokenizer,
)

import corpus
from xuxie.errors import ExitCode, Refusal
from xuxie.tokenizer import bpe
from xuxie.tokenizer.encode import decode, encode
from xuxie.tokenizer.extend import added_tokens, extend

ENGLISH = "The weather is fine, and the other readers went there to read them. " * 20
ADDED = 100


@pytest.fixture(scope="module", params=["fast", "gpt2", "qwen2"])
def old(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> PreTrainedTokenizerBase:
    """A byte-level BPE that knows English, with a special token behind its vocabulary."""
    made = bpe.train(iter([ENGLISH]), vocabulary=300, min_frequency=2)
    folder = tmp_path_factory.mktemp("old")
    made.save_pretrained(folder)
    kind = {"gpt2": GPT2Tokenizer, "qwen2": Qwen2Tokenizer}.get(request.param)
    tokenizer = kind.from_pretrained(folder) if kind else made
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|user|>"]})
    return tokenizer


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [*corpus.reviews(), *corpus.articles(corpus.LAWS[0])]


@pytest.fixture(scope="module")
def new(old: PreTrainedTokenizerBase, texts: list[str]) -> PreTrainedTokenizerBase:
    return extend(old, iter(texts), added=ADDED, min_frequency=2)


def test_every_old_token_keeps_its_number_and_the_new_ones_follow(
    old: PreTrainedTokenizerBase, new: PreTrainedTokenizerBase
) -> None:
    before, after = old.get_vocab(), new.get_vocab()
    assert before.items() <= after.items()
    gained = sorted(after[token] for token in after.keys() - before.keys())
    first = max(before.values()) + 1
    assert gained == list(range(first, first + ADDED))
    assert (old.eos_token_id, type(old)) == (new.eos_token_id, type(new))


def test_chinese_takes_fewer_tokens_and_comes_back(
    old: PreTrainedTokenizerBase, new: PreTrainedTokenizerBase, texts: list[str]
) -> None:
    before, after = encode(old, texts), encode(new, texts)
    assert sum(map(len, after)) < 0.5 * sum(map(len, before))
    assert decode(new, after) == texts


def test_english_is_cut_as_before(
    old: PreTrainedTokenizerBase, new: PreTrainedTokenizerBase
) -> None:
    assert encode(new, [ENGLISH]) == encode(old, [ENGLISH])


@hypothesis.settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@hypothesis.given(text=st.text(alphabet="房间干净，早餐也太慢 the<|user|>👍", max_size=40))
def test_new_tokens_are_strings_of_the_old_ones(
    old: PreTrainedTokenizerBase, new: PreTrainedTokenizerBase, text: str
) -> None:
    pieces = added_tokens(new, old)
    [before], [after] = encode(old, [text]), encode(new, [text])
    assert [piece for token in after for piece in pieces.get(token, [token])] == before


def test_saved_and_loaded_it_is_the_same(
    new: PreTrainedTokenizerBase, texts: list[str], tmp_path: Path
) -> None:
    new.save_pretrained(tmp_path)
    again = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    assert again.get_vocab() == new.get_vocab()
    assert encode(again, texts) == encode(new, texts)


def test_a_tokenizer_that_is_not_the_old_one_extended_has_no_pieces(
    old: PreTrainedTokenizerBase, new: PreTrainedTokenizerBase, texts: list[str]
) -> None:
    other = bpe.train(iter(texts), vocabulary=600, min_frequency=2)
    assert added_tokens(old, old) == added_tokens(other, old) == added_tokens(old, new) == {}


def test_another_kind_of_tokenizer_is_refused() -> None:
    words = Tokenizer(models.WordLevel({"[UNK]": 0, "。": 1}, "[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    with pytest.raises(Refusal, match="tokenizer=pretrained") as refusal:
        extend(PreTrainedTokenizerFast(tokenizer_object=words), iter([]), added=5, min_frequency=2)
    assert refusal.value.code is ExitCode.DATA
