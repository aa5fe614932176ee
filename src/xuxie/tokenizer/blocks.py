"""Which characters survive a tokenizer, by Unicode block: what text to come may bring."""

import unicodedata
from typing import Any

from transformers import PreTrainedTokenizerBase

from xuxie.tokenizer.encode import decode, encode

# Blocks that stand in Chinese text, and some that mark what a vocabulary has left out.
BLOCKS = {
    "Basic Latin": (0x0020, 0x007E),
    "Latin-1 Supplement": (0x00A0, 0x00FF),
    "Greek and Coptic": (0x0370, 0x03FF),
    "Cyrillic": (0x0400, 0x04FF),
    "General Punctuation": (0x2000, 0x206F),
    "Enclosed Alphanumerics": (0x2460, 0x24FF),
    "CJK Symbols and Punctuation": (0x3000, 0x303F),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "Bopomofo": (0x3100, 0x312F),
    "CJK Unified Ideographs Extension A": (0x3400, 0x4DBF),
    "CJK Unified Ideographs": (0x4E00, 0x9FFF),
    "Private Use Area": (0xE000, 0xF8FF),
    "CJK Compatibility Ideographs": (0xF900, 0xFAFF),
    "Halfwidth and Fullwidth Forms": (0xFF00, 0xFFEF),
    "Miscellaneous Symbols and Pictographs": (0x1F300, 0x1F5FF),
    "Emoticons": (0x1F600, 0x1F64F),
    "CJK Unified Ideographs Extension B": (0x20000, 0x2A6DF),
}
# Characters tried of a block, evenly through it.
TRIED = 512


def round_trips(tokenizer: PreTrainedTokenizerBase) -> dict[str, dict[str, Any]]:
    """Of each block: characters tried, those that come back changed, tokens a character."""
    return {name: round_trip(tokenizer, characters(*span)) for name, span in BLOCKS.items()}


def round_trip(tokenizer: PreTrainedTokenizerBase, tried: list[str]) -> dict[str, Any]:
    # Between two others: a tokenizer may strip what stands at an edge.
    texts = [f"中{character}文" for character in tried]
    tokens = encode(tokenizer, texts)
    around = len(encode(tokenizer, ["中文"])[0])
    changed = sum(a != b for a, b in zip(texts, decode(tokenizer, tokens), strict=True))
    spent = sum(len(row) - around for row in tokens)
    return {
        "characters": len(tried),
        "changed": changed,
        "tokens_per_character": round(spent / len(tried), 3),
    }


def characters(first: int, last: int) -> list[str]:
    """At most TRIED characters of a span, assigned ones (or private ones), evenly chosen."""
    found = [
        chr(code) for code in range(first, last + 1) if unicodedata.category(chr(code)) != "Cn"
    ]
    count = min(TRIED, len(found))
    return [found[number * len(found) // count] for number in range(count)]
