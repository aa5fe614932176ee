"""A token for each character of the train split, and bytes for all others: nothing is lost."""

from collections import Counter
from collections.abc import Iterator

from tokenizers import AddedToken, Tokenizer, decoders, models
from transformers import PreTrainedTokenizerFast

from xuxie.tokenizer.bpe import END_OF_TEXT

BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def train(texts: Iterator[str], *, vocabulary: int, min_frequency: int) -> PreTrainedTokenizerFast:
    """A tokenizer of at most `vocabulary` tokens: the end of text, 256 bytes, and characters.

    A character without a token becomes the bytes of its UTF-8, as in SentencePiece's byte fallback
    (Kudo and Richardson 2018, arXiv 1808.06226).

    Args:
        texts: the train split, one document at a time.
        min_frequency: a character that occurs less often gets no token.
    """
    found: Counter[str] = Counter()
    for text in texts:
        found.update(text)
    kept = [character for character, count in found.items() if count >= min_frequency]
    kept.sort(key=lambda character: (-found[character], character))
    tokens = [END_OF_TEXT, *BYTES, *kept][:vocabulary]
    # A BPE without merges: transformers loads it as any other, and it falls back to bytes.
    numbers = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=numbers, merges=[], byte_fallback=True))
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([AddedToken(END_OF_TEXT, special=True, normalized=False)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=END_OF_TEXT,
        eos_token=END_OF_TEXT,
        clean_up_tokenization_spaces=False,
    )
