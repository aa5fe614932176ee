"""What `tokenizer` may be told."""

from typing import Annotated, Literal

from pydantic import Field

from xuxie.section import Section


class TokenizerSettings(Section):
    """
    kind: `bpe` trains a byte-level BPE on the train split; `characters` takes its characters;
        `pretrained` takes the tokenizer that came with the pretrained model; `extended` adds tokens
        of the train split to that one.
    vocabulary: tokens of a BPE, or at most of characters, 256 bytes and the end of text included.
    added: number of tokens that `extended` adds.
    min_frequency: how often a pair must occur to be merged, or a character to get a token.
    """

    kind: Literal["bpe", "characters", "pretrained", "extended"]
    vocabulary: Annotated[int, Field(ge=257, le=1_000_000)]
    added: Annotated[int, Field(ge=1, le=1_000_000)]
    min_frequency: Annotated[int, Field(ge=1)]
