"""Text of a corpus as pieces for the page: the unseen becomes visible, the changed is told. Pure.

Control, bidirectional, zero-width and private characters become small boxes with their code, so
that no text can reorder, hide or script the page around it. It makes no HTML: the template does,
and escapes every piece.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

# Characters on the page of one sample; the rest is counted.
LIMIT = 240
# What stands before the first change when a long text is cut to an excerpt.
LEAD = 32
# Marks on one letter: Vietnamese needs two and pointed Hebrew three; more is an attack.
MARKS = 4
# Letters by category, but blank: Hangul fillers and the empty Braille pattern.
BLANK = "\u115f\u1160\u2800\u3164\uffa0"
SHORT = {"\0": "NUL", "\x1b": "ESC", "\r": "CR", "\b": "BS", "\x7f": "DEL"}
SPACES = {" ": "space", "\u3000": "full", "\t": "tab", "\n": "end"}
JOINER, EMOJI_FORM = "\u200d", "\ufe0f"


@dataclass(frozen=True)
class Piece:
    """Characters that are shown alike: as they are (no style), as a box, as a kind of space."""

    style: str
    text: str


@dataclass(frozen=True)
class Stretch:
    """A part of a text: the same in both (no change), "gone", "new", or "more", which is cut."""

    change: str
    pieces: tuple[Piece, ...]


Text = list[Stretch]


def visible(text: str, limit: int = LIMIT) -> Text:
    """`text` for the page, cut after `limit` characters with the number that is missing."""
    return [stretch("", text[:limit]), *missing(len(text) - limit)]


def changes(before: str, after: str) -> tuple[Text, Text]:
    """Both texts as excerpts around what differs: what is gone in one, what is new in the other."""
    start, left, right = excerpts(before, after)
    lead = [Stretch("more", (Piece("", "…"),))] if start else []
    old, new = list(lead), list(lead)
    for kind, a, b in compared(left, right):
        old += [stretch("" if kind == "equal" else "gone", a)] if a else []
        new += [stretch("" if kind == "equal" else "new", b)] if b else []
    return (
        old + missing(len(before) - start - len(left)),
        new + missing(len(after) - start - len(right)),
    )


def difference(leader: str, member: str) -> Text:
    """One text in place of two: `member`, with what it lacks of `leader` and what it adds."""
    left, right = leader[:LIMIT], member[:LIMIT]
    found: Text = []
    for kind, a, b in compared(left, right):
        if kind == "equal":
            found.append(stretch("", b))
            continue
        found += [stretch(change, part) for change, part in (("gone", a), ("new", b)) if part]
    return found + missing(len(member) - len(right))


def excerpts(before: str, after: str) -> tuple[int, str, str]:
    """Where the excerpts begin, and both: from shortly before the first difference."""
    pairs = enumerate(zip(before, after, strict=False))
    first = next((i for i, (a, b) in pairs if a != b), min(len(before), len(after)))
    start = max(0, first - LEAD) if max(len(before), len(after)) > LIMIT else 0
    return start, before[start : start + LIMIT], after[start : start + LIMIT]


def compared(left: str, right: str) -> Iterator[tuple[str, str, str]]:
    """What is equal and what differs, in order; `autojunk` would call frequent characters noise."""
    for kind, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        yield kind, left[a:b], right[c:d]


def missing(number: int) -> Text:
    return [Stretch("more", (Piece("", f"… +{number:,}"),))] if number > 0 else []


def stretch(change: str, text: str) -> Stretch:
    """`text` in pieces, neighbours of one style joined unless each needs its own element."""
    found: list[Piece] = []
    for piece in shown(text):
        if found and found[-1].style == piece.style and piece.style in {"", "space"}:
            found[-1] = Piece(piece.style, found[-1].text + piece.text)
        else:
            found.append(piece)
    return Stretch(change, tuple(found))


def shown(text: str) -> Iterator[Piece]:
    """Every character of `text`, seen; runs of combining marks are cut."""
    place = 0
    for combining, run in groupby(text, is_combining):
        characters = "".join(run)
        if combining:
            yield from marks(characters, bare=place == 0)
        else:
            yield from (one(text, place + i) for i in range(len(characters)))
        place += len(characters)


def is_combining(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Me"}


def marks(run: str, *, bare: bool) -> Iterator[Piece]:
    """Combining marks: on a dotted circle where the letter is missing, and never a tower."""
    if bare:
        yield Piece("", "\u25cc")
    for mark in run[:MARKS]:
        yield Piece("box", code(mark)) if is_selector(mark) else Piece("", mark)
    if len(run) > MARKS:
        yield Piece("box", f"+{len(run) - MARKS:,}")


def is_selector(mark: str) -> bool:
    """Variation selectors, but for the one that ordinary emoji carry."""
    return "\ufe00" <= mark < EMOJI_FORM or "\U000e0100" <= mark <= "\U000e01ef"


def one(text: str, place: int) -> Piece:
    """The character at `place`."""
    character = text[place]
    if character in SPACES:
        return Piece(SPACES[character], character)
    if character == JOINER and joins_emoji(text, place):
        return Piece("", character)
    return Piece("box", code(character)) if is_hidden(character) else Piece("", character)


def joins_emoji(text: str, place: int) -> bool:
    """Whether emoji stand on both sides: there a joiner shows as one picture (UTS 51)."""
    sides = text[max(0, place - 1) : place], text[place + 1 : place + 2]
    return all(
        side == EMOJI_FORM or (side and unicodedata.category(side) in {"So", "Sk"})
        for side in sides
    )


def is_hidden(character: str) -> bool:
    """Whether nothing, or nothing certain, would be seen of it."""
    category = unicodedata.category(character)
    if category == "Zs":
        return character != " "
    hidden = category in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} or character in BLANK
    return hidden or is_noncharacter(character)


def is_noncharacter(character: str) -> bool:
    """Never assigned (The Unicode Standard, 23.7)."""
    return ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef"


def code(character: str) -> str:
    return SHORT.get(character, f"U+{ord(character):04X}")


def plain(text: str, cells: int) -> str:
    """`text` for a label of `cells` half widths, where no element can stand."""
    flat = "".join(f"[{code(c)}]" if is_hidden(c) else c for c in text if not is_combining(c))
    kept, used = "", 0
    for character in flat:
        used += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used > cells:
            return kept + "…"
        kept += character
    return kept
