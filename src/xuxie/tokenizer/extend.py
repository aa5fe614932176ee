"""More merges for a given byte-level BPE: it keeps its tokens and their numbers, and gains some.

The new merges come after the old ones, so that each text is first cut as before and then joined
further: a text never gets more tokens, and each new token is a string of old ones.
"""

import json
from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from xuxie.errors import Refusal, bad_data

BATCH = 1024
# For learning, token n is spelled as one character: the trainer then merges tokens, not bytes.
FIRST_CHARACTER = 0x10000

Merge = tuple[str, str]


def extend(
    tokenizer: PreTrainedTokenizerBase, texts: Iterator[str], *, added: int, min_frequency: int
) -> PreTrainedTokenizerBase:
    """`tokenizer` with at most `added` tokens more, numbered on from its last.

    Args:
        texts: the train split, one document at a time.
        min_frequency: a pair of tokens that occurs less often is not merged.

    Raises:
        Refusal: the tokenizer is no byte-level BPE.
    """
    if not is_byte_level(tokenizer):
        raise no_byte_level()
    merges = learn(tokenizer, texts, added=added, min_frequency=min_frequency)
    with TemporaryDirectory() as name:
        tokenizer.save_pretrained(name)
        file = Path(name, "tokenizer.json")
        state = json.loads(file.read_text(encoding="utf-8"))
        # Tokens that stand behind the vocabulary would be numbered anew as it grows.
        for token in state["added_tokens"]:
            state["model"]["vocab"].setdefault(token["content"], token["id"])
        append(state["model"], merges, first=max(tokenizer.get_vocab().values()) + 1)
        file.write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")
        return AutoTokenizer.from_pretrained(name, local_files_only=True)


def is_byte_level(tokenizer: PreTrainedTokenizerBase) -> bool:
    if not tokenizer.is_fast:
        return False
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    return state["model"]["type"] == "BPE" and '"ByteLevel"' in json.dumps(state["decoder"])


def learn(
    tokenizer: PreTrainedTokenizerBase, texts: Iterator[str], *, added: int, min_frequency: int
) -> list[Merge]:
    """The pairs of tokens to merge, the most frequent first, as the tokenizer writes tokens."""
    tokens = {number: token for token, number in tokenizer.get_vocab().items()}
    learned = Tokenizer(models.BPE())
    learned.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(
        vocab_size=len(tokens) + added,
        min_frequency=min_frequency,
        initial_alphabet=[chr(FIRST_CHARACTER + number) for number in tokens],
        show_progress=False,
    )
    learned.train_from_iterator(spelled(tokenizer, texts), trainer)

    def token(characters: str) -> str:
        return "".join(tokens[ord(character) - FIRST_CHARACTER] for character in characters)

    pairs = json.loads(learned.to_str())["model"]["merges"]
    return [(token(left), token(right)) for left, right in pairs]


def spelled(tokenizer: PreTrainedTokenizerBase, texts: Iterator[str]) -> Iterator[str]:
    """Each text as its tokens, one character each, with a space between words."""
    backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    backend.encode_special_tokens = True
    while batch := list(islice(texts, BATCH)):
        for encoding in backend.encode_batch(batch, add_special_tokens=False):
            pairs = zip(encoding.word_ids, encoding.ids, strict=True)
            words = groupby(pairs, key=lambda pair: pair[0])
            yield " ".join(
                "".join(chr(FIRST_CHARACTER + number) for _, number in word) for _, word in words
            )


def append(model: dict[str, Any], merges: list[Merge], *, first: int) -> None:
    """Add the merges to a BPE, and a token for each that makes a string it does not have yet."""
    known = {tuple(pair) for pair in model["merges"]}
    number = first
    for pair in merges:
        if pair in known:
            continue
        known.add(pair)
        model["merges"].append(list(pair))
        if "".join(pair) not in model["vocab"]:
            model["vocab"]["".join(pair)] = number
            number += 1


def added_tokens(
    tokenizer: PreTrainedTokenizerBase, old: PreTrainedTokenizerBase
) -> dict[int, list[int]]:
    """Each token that `tokenizer` has beyond `old`, as the old tokens it consists of.

    Empty if `tokenizer` is not `old`, extended.
    """
    numbers, vocabulary = old.get_vocab(), tokenizer.get_vocab()
    if len(vocabulary) <= len(numbers) or not numbers.items() <= vocabulary.items():
        return {}
    pieces = {token: [number] for token, number in numbers.items()}
    for left, right in json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]:
        if left in pieces and right in pieces:
            pieces.setdefault(left + right, pieces[left] + pieces[right])
    return {vocabulary[token]: pieces[token] for token in vocabulary.keys() - numbers.keys()}


def no_byte_level() -> Refusal:
    return bad_data(
        "tokenizer=extended 只能扩展字节级 BPE；请改用 tokenizer=pretrained",
        "tokenizer=extended extends a byte-level BPE only; use tokenizer=pretrained",
    )
