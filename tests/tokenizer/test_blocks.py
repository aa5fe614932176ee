"""What a tokenizer loses, by Unicode block."""

from types import ModuleType

import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

import corpus
from xuxie.tokenizer import bpe, characters
from xuxie.tokenizer.blocks import BLOCKS, TRIED, round_trips
from xuxie.tokenizer.stage import unknown_tokens


@pytest.mark.parametrize("kind", [bpe, characters])
def test_what_we_learn_loses_no_character_of_any_block(kind: ModuleType) -> None:
    learned = kind.train(iter(corpus.reviews()), vocabulary=600, min_frequency=1)
    found = round_trips(learned)
    assert found.keys() == BLOCKS.keys()
    assert {row["changed"] for row in found.values()} == {0}
    assert found["Basic Latin"]["characters"] == 95
    rare = found["CJK Unified Ideographs Extension B"]
    assert (rare["characters"], 3 < rare["tokens_per_character"] <= 4) == (TRIED, True)


def test_a_vocabulary_that_folds_widths_and_lacks_characters_is_found_out() -> None:
    words = Tokenizer(models.WordLevel({"[UNK]": 0, "中": 1, "文": 2, "A": 3}, "[UNK]"))
    words.normalizer = normalizers.NFKC()
    words.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    given = PreTrainedTokenizerFast(tokenizer_object=words, unk_token="[UNK]")
    changed = {name: row["changed"] for name, row in round_trips(given).items()}
    assert changed["Hiragana"] > 90
    assert changed["Halfwidth and Fullwidth Forms"] > 200
    assert unknown_tokens(given, [[0, 1, 0], [2]]) == 2
