"""Lines that many documents share: site furniture and paragraphs copied from page to page.

A line is cut from a document if enough *earlier* documents had it, so that what is decided about a
document never depends on later ones; the first documents keep theirs, so nothing is lost from the
corpus. C4 drops spans of three sentences after their first occurrence (arXiv 1910.10683), and
RefinedWeb lines that recur (arXiv 2306.01116); Chinese list items recur in good text too
(（五）法律规定的其他情形。), hence the thresholds.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field

from xuxie.section import Section

Numbers = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
BLANK = 0


class RepeatedLineSettings(Section):
    """
    enabled: cut repeated lines at all.
    documents, share: a line is furniture once so many earlier documents of its source, and this
        share of them, had it.
    paragraph_characters, copies: a line as long as this is a paragraph; it is cut once so many
        earlier documents of any source had it.
    max_share: a document that would lose more than this share of its characters goes as a whole:
        what is left would be the odd ends of a page that others hold already.
    """

    enabled: bool
    documents: Annotated[int, Field(ge=1)]
    share: Annotated[float, Field(ge=0, le=1)]
    paragraph_characters: Annotated[int, Field(ge=1)]
    copies: Annotated[int, Field(ge=1)]
    max_share: Annotated[float, Field(ge=0, le=1)]


def line_hashes(text: str) -> list[int]:
    """64 bits of BLAKE2b for each line; none for a text of one line, BLANK for a blank one."""
    lines = text.split("\n")
    return [line_hash(line) for line in lines] if len(lines) > 1 else []


def line_hash(line: str) -> int:
    if not line:
        return BLANK
    return int.from_bytes(hashlib.blake2b(line.encode(), digest_size=8).digest(), "big") | 1


@dataclass(frozen=True)
class Lines:
    """Every line of the documents that have several, in order: one entry a line.

    ordinals: of the line's document among those of its source, from 0.
    """

    hashes: Numbers
    documents: Places
    sources: Places
    ordinals: Places
    lengths: Places


def cut(lines: Lines, settings: RepeatedLineSettings) -> Flags:
    """Which lines go."""
    if not settings.enabled:
        return np.zeros(len(lines.hashes), dtype=bool)
    text = lines.hashes != BLANK
    furniture = earlier(lines.hashes ^ (lines.sources.astype(np.uint64) << np.uint64(48)), lines)
    often = (furniture >= settings.documents) & (furniture >= settings.share * lines.ordinals)
    copied = earlier(lines.hashes, lines) >= settings.copies
    gone: Flags = text & (often | (copied & (lines.lengths >= settings.paragraph_characters)))
    return gone


def mostly_repeated(lines: Lines, gone: Flags, settings: RepeatedLineSettings) -> Places:
    """The documents that would lose more than `max_share` of their characters."""
    whole = np.bincount(lines.documents, lines.lengths)
    lost = np.bincount(lines.documents[gone], lines.lengths[gone], minlength=len(whole))
    return np.flatnonzero(lost > settings.max_share * whole)


def earlier(keys: Numbers, lines: Lines) -> Places:
    """For each line, how many earlier documents have one with the same key."""
    if not len(keys):
        return np.zeros(0, dtype=np.int64)
    order = np.lexsort((lines.documents, keys))
    key, document = keys[order], lines.documents[order]
    new_key = np.concatenate([[True], key[1:] != key[:-1]])
    new_document = new_key | np.concatenate([[True], document[1:] != document[:-1]])
    number = np.cumsum(new_document)
    first = np.maximum.accumulate(np.where(new_key, number, 0))
    counts = np.empty(len(keys), dtype=np.int64)
    counts[order] = number - first
    return counts


def without(text: str, gone: Sequence[bool]) -> str:
    """`text` without the lines that go, and without the blank ones that would then pile up."""
    staying = [line for line, cut_out in zip(text.split("\n"), gone, strict=True) if not cut_out]
    tidy = [
        line
        for place, line in enumerate(staying)
        if line or (place and staying[place - 1] and any(staying[place:]))
    ]
    return "\n".join(tidy)
