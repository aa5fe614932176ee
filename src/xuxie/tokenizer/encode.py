"""Texts -> tokens and back, the same way in every stage. Knows nothing of files."""

from transformers import PreTrainedTokenizerBase

from xuxie.errors import Refusal, bad_data


def encode(tokenizer: PreTrainedTokenizerBase, texts: list[str]) -> list[list[int]]:
    """The tokens of each text. A text that spells a special token stays text."""
    tokens: list[list[int]] = tokenizer(
        texts,
        add_special_tokens=False,
        split_special_tokens=True,
        return_attention_mask=False,
        verbose=False,
    )["input_ids"]
    return tokens


def encode_with_places(
    tokenizer: PreTrainedTokenizerBase, text: str
) -> tuple[list[int], list[tuple[int, int]]]:
    """The tokens of a text and the characters [start, end) that each touches.

    The tokens of half a character touch all of it. A tokenizer written in Python does not say:
    there every token touches the whole text.
    """
    if not tokenizer.is_fast:
        (tokens,) = encode(tokenizer, [text])
        return tokens, [(0, len(text))] * len(tokens)
    made = tokenizer(
        text,
        add_special_tokens=False,
        split_special_tokens=True,
        return_attention_mask=False,
        return_offsets_mapping=True,
        verbose=False,
    )
    return made["input_ids"], [(start, end) for start, end in made["offset_mapping"]]


def decode(tokenizer: PreTrainedTokenizerBase, tokens: list[list[int]]) -> list[str]:
    texts: list[str] = tokenizer.batch_decode(tokens, clean_up_tokenization_spaces=False)
    return texts


def boundary(tokenizer: PreTrainedTokenizerBase) -> int:
    """The token that stands before every document: end of text, or what BERT vocabularies have."""
    for token in (tokenizer.eos_token_id, tokenizer.sep_token_id, tokenizer.bos_token_id):
        if token is not None:
            return int(token)
    raise no_boundary()


def no_boundary() -> Refusal:
    return bad_data(
        "分词器没有 eos、sep 或 bos 标记，无法分隔文档；请在它的 tokenizer_config.json 里指定",
        "the tokenizer has no eos, sep or bos token to divide documents by;"
        " name one in its tokenizer_config.json",
    )
