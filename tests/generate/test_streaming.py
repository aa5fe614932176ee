"""Text that appears while it is sampled is the text that is returned."""

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)

from conftest import Outputs, Settings
from xuxie.generate.sample import Sample, Sampler
from xuxie.model.directory import load_model, load_tokenizer

WILD = ("temperature=3.0", "top_k=0", "top_p=1.0", "max_new_tokens=40", "min_new_tokens=0")


def streamed(
    settings: Settings, model: PreTrainedModel, words: PreTrainedTokenizerBase, number: int
) -> tuple[list[str], Sample]:
    chosen = settings(*(f"generate.{override}" for override in WILD)).generate
    pieces: list[str] = []
    made = Sampler(model, words, chosen, compiled=False).sample("房间 room", number, pieces.append)
    return pieces, made


def untrained(vocabulary: int) -> PreTrainedModel:
    torch.manual_seed(1)
    shape = GPT2Config(vocab_size=vocabulary, n_positions=64, n_embd=16, n_layer=1, n_head=2)
    return GPT2LMHeadModel(shape).eval()


def words_of_characters() -> PreTrainedTokenizerBase:
    """A vocabulary as BERT's: unknown characters, a separator, and a space between words."""
    names = ["[UNK]", "[SEP]", "[PAD]", *"房间早餐屏幕，。", "room", "##s"]
    backend = Tokenizer(models.WordPiece({n: i for i, n in enumerate(names)}, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.WordPiece(cleanup=False)
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, unk_token="[UNK]", sep_token="[SEP]", pad_token="[PAD]"
    )


@pytest.mark.parametrize("number", range(6))
def test_pieces_of_a_trained_model_make_the_text(
    outputs: Outputs, settings: Settings, number: int
) -> None:
    words = load_tokenizer(outputs.model)
    pieces, made = streamed(settings, load_model(outputs.model), words, number)
    assert "".join(pieces) == made.text
    assert len(pieces) > 3 or made.tokens < 4


@pytest.mark.parametrize("number", range(6))
def test_pieces_of_an_untrained_model_make_the_text(
    outputs: Outputs, settings: Settings, number: int
) -> None:
    words = load_tokenizer(outputs.model)
    pieces, made = streamed(settings, untrained(len(words)), words, number)
    assert "".join(pieces) == made.text
    assert not any("\ufffd" in piece for piece in pieces)


@pytest.mark.parametrize("number", range(6))
def test_pieces_of_a_vocabulary_of_characters_make_the_text(
    settings: Settings, number: int
) -> None:
    words = words_of_characters()
    pieces, made = streamed(settings, untrained(len(words)), words, number)
    assert "".join(pieces) == made.text
    assert "间 早" not in made.text


def test_listening_does_not_change_the_sample(outputs: Outputs, settings: Settings) -> None:
    model, words = load_model(outputs.model), load_tokenizer(outputs.model)
    chosen = settings(*(f"generate.{override}" for override in WILD)).generate
    _, made = streamed(settings, model, words, 2)
    assert Sampler(model, words, chosen, compiled=False).sample("房间 room", 2) == made
