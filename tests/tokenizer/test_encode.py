"""Which token stands between documents."""

import pytest
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from xuxie.errors import ExitCode, Refusal
from xuxie.tokenizer.encode import boundary

NAMES = ["[UNK]", "[EOS]", "[SEP]", "[BOS]"]


def tokenizer(**special: str) -> PreTrainedTokenizerFast:
    words = models.WordLevel({name: number for number, name in enumerate(NAMES)}, "[UNK]")
    return PreTrainedTokenizerFast(tokenizer_object=Tokenizer(words), **special)


@pytest.mark.parametrize(
    ("special", "expected"),
    [
        ({"eos_token": "[EOS]", "sep_token": "[SEP]", "bos_token": "[BOS]"}, "[EOS]"),
        ({"sep_token": "[SEP]", "bos_token": "[BOS]"}, "[SEP]"),
        ({"bos_token": "[BOS]"}, "[BOS]"),
    ],
)
def test_the_boundary_is_the_first_of_eos_sep_bos(special: dict[str, str], expected: str) -> None:
    assert boundary(tokenizer(**special)) == NAMES.index(expected)


def test_token_number_zero_can_be_the_boundary() -> None:
    assert boundary(tokenizer(eos_token="[UNK]")) == 0


def test_a_tokenizer_without_any_of_them_is_refused() -> None:
    with pytest.raises(Refusal, match=r"tokenizer_config\.json") as refusal:
        boundary(tokenizer(unk_token="[UNK]"))
    assert refusal.value.code is ExitCode.DATA
