"""Runs of digits, cut into the chunks that separators leave, and what may be read out of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from xuxie.clean.identifiers.shadow import WALL

# What may stand inside one number. Three: a hyphen between two spaces.
GAP = r"[ \-.·\n]{0,3}"
RUN = re.compile(rf"[0-9](?:{GAP}[0-9])*")
CHUNK = re.compile("[0-9]+")
# How much of the rest of its run a number knows; without a bound a long table costs its square.
BESIDE = 24
STOPS = re.compile(f"[。！？；!?;{WALL}]")
LATIN = re.compile("[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Number:
    """Whole chunks of one run, side by side: a number as somebody may have written it."""

    digits: str
    start: int
    end: int
    shape: tuple[int, ...]
    inside: str  # the separators between its chunks
    before: str  # the digits of the run that come before, the separator included
    after: str

    @property
    def is_whole_run(self) -> bool:
        return not self.before and not self.after

    @property
    def stands_apart(self) -> bool:
        """Whether another separator, or none, parts it from the rest of its run."""
        beside = (self.before[-1:], self.after[:1])
        return not any(sign and sign in self.inside for sign in beside)


def numbers(view: str, longest: int) -> Iterator[Number]:
    """Every sequence of whole chunks with at most `longest` digits. A chunk is never cut."""
    for run in RUN.finditer(view):
        chunks = [found.span() for found in CHUNK.finditer(view, run.start(), run.end())]
        for first in range(len(chunks)):
            digits, shape, last = "", tuple[int, ...](), chunks[first][0]
            inside = ""
            for start, end in chunks[first : first + longest]:
                digits, shape = digits + view[start:end], (*shape, end - start)
                inside, last = inside + view[last:start], end
                if len(digits) > longest:
                    break
                before = view[run.start() : chunks[first][0]]
                before = view[max(run.start(), chunks[first][0] - BESIDE) : chunks[first][0]]
                after = view[end : min(run.end(), end + BESIDE)]
                yield Number(digits, chunks[first][0], end, shape, inside, before, after)


def words_before(text: str, place: int, width: int) -> str:
    """What stands before `place` in the same sentence, at most `width` characters."""
    part = text[max(0, place - width) : place]
    return STOPS.split(part)[-1]


def touches_latin(text: str, start: int, end: int) -> bool:
    """Whether an ASCII letter stands directly beside the span."""
    return bool(LATIN.match(text[start - 1 : start]) or LATIN.match(text[end : end + 1]))


def shapes(*written: str) -> frozenset[tuple[int, ...]]:
    """Chunk lengths as a set: `shapes("3-4-4")` is {(3, 4, 4)}."""
    return frozenset(tuple(map(int, shape.split("-"))) for shape in written)
