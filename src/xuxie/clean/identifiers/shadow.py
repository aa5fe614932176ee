"""The shadow copy that is scanned: one form of each digit, letter, space and dash, and a way back.

A shadow character stands for exactly one original character; invisible ones have no shadow. So the
shadow of a text is never longer, and `offsets` leads each character home. What NFKC would make
longer (½, ㎏, ⑩) stays as it is, and so do signs that count rather than spell: ① begins a line of
a list as often as not, and must not join the number after it.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from xuxie.clean.identifiers.kinds import PLACEHOLDERS

# Zero-width and bidirectional signs, soft hyphen, joiners, variation selectors, tags.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e01ef"
)
DASHES = "\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d"
DOTS = "\u2022\u2024\u2027\u22c5\u30fb\uff0e\uff65\u00b7"
SPACES = "\t\r\n\v\f \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# Spoken and financial numerals (the second set of GB/T 15835-2011), 幺 for 1 and 两 for 2.
NUMERALS = {
    ord(sign): str(value)
    for value, signs in enumerate(
        (
            "零〇○",
            "一壹幺弌",
            "二贰貳两兩弍",
            "三叁參弎",
            "四肆",
            "五伍",
            "六陆陸",
            "七柒",
            "八捌",
            "九玖",
        )
    )
    for sign in signs
}
NUMERAL_SIGNS = "".join(map(chr, NUMERALS))
# What a placeholder looks like in the shadow: no digit, no letter, no word, and no context either.
WALL = "\ufffc"
PLACEHOLDER = re.compile("|".join(map(re.escape, PLACEHOLDERS.values())))
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_DASH = re.compile(f"[{DASHES}]")
_DOT = re.compile(f"[{DOTS}]")
_LINE_END = re.compile("[\r\n\v\f\u0085\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Shadow:
    """`text` to scan, `spoken` with numerals read as digits, and the home of each character."""

    text: str
    spoken: str
    offsets: tuple[int, ...]

    def home(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that `text[start:end]` stands for."""
        return self.offsets[start], self.offsets[end - 1] + 1


def shadow(text: str, start: int = 0, end: int | None = None) -> Shadow:
    """The shadow of `text[start:end]`, with offsets into the whole of `text`."""
    part = text[start:end]
    signs = [fold(character) for character in part]
    folded = "".join(signs)
    offsets = tuple(start + place for place, sign in enumerate(signs) if sign)
    return Shadow(folded, folded.translate(NUMERALS), offsets)


@lru_cache(maxsize=1 << 16)
def fold(character: str) -> str:
    """One character of the shadow for one of the text; empty for an invisible one."""
    if _INVISIBLE.match(character):
        return ""
    if _LINE_END.match(character):
        return "\n"
    if _DASH.match(character):
        return "-"
    if _DOT.match(character):
        return "." if character in "．\u2024" else "·"
    if unicodedata.category(character) == "No":
        return character
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", character)
    return (" " if plain.isspace() else plain) if len(plain) == 1 else character


def walled(text: str) -> str:
    """`text` with its placeholders replaced by a wall of the same length."""
    if "⟦" not in text:
        return text
    return PLACEHOLDER.sub(lambda found: WALL * len(found[0]), text)


def bare(value: str) -> str:
    """A value without separators, case and disguise: what allow-lists are compared on."""
    kept = re.sub(r"[\s\-·]", "", shadow(value).spoken).casefold()
    return kept if "@" in kept or ":" in kept else kept.replace(".", "")
