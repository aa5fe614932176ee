"""Whether documents stay: a reason that can be counted, or none. Pure; a whole batch at once, and
the same whatever the batch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from xuxie.clean.duplicates.shingles import code_points
from xuxie.clean.judge import lines
from xuxie.clean.judge.language import languages
from xuxie.clean.judge.repetition import chosen, commonest_pair, seen_before
from xuxie.clean.judge.scripts import Counts, Sort, counted
from xuxie.clean.judge.settings import QualitySettings

Breaks = npt.NDArray[np.bool_]
Texts = Sequence[str]


class Reason(StrEnum):
    """In the order in which they are looked for: the first that holds is the document's."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    WRONG_LANGUAGE = "wrong_language"
    LOW_HAN_SHARE = "low_han_share"
    SYMBOLS = "symbols"
    DIGITS = "digits"
    PLACEHOLDER = "placeholder"
    REPEATED_LINES = "repeated_lines"
    REPETITIVE = "repetitive"
    TOP_BIGRAM = "top_bigram"
    NO_PUNCTUATION = "no_punctuation"
    FEW_SENTENCES = "few_sentences"
    LIST_LIKE = "list_like"


@dataclass(frozen=True)
class Judgement:
    """By text: why it goes ("" if it stays), and its language."""

    reasons: list[str]
    languages: list[str]


def judged(texts: Texts, settings: QualitySettings) -> Judgement:
    """The first rule that each normalised text breaks."""
    if not texts:
        return Judgement([], [])
    characters, offsets = code_points(texts)
    lengths, counts = np.diff(offsets), counted(characters, offsets)
    found = languages(texts, counts, settings.min_language_score)
    broken = by_length(lengths, settings)
    broken |= by_script(counts, np.array(found), lengths, settings)
    broken |= by_lines(texts, settings)
    broken |= by_repetition(characters, offsets, settings)
    reasons = np.full(len(texts), "", dtype=object)
    for reason in reversed(Reason):
        if reason in broken:
            reasons[broken[reason]] = reason.value
    return Judgement(reasons.tolist(), found)


def by_length(lengths: npt.NDArray[np.int64], settings: QualitySettings) -> dict[Reason, Breaks]:
    return {
        Reason.TOO_SHORT: lengths < settings.min_characters,
        Reason.TOO_LONG: lengths > settings.max_characters,
    }


def by_script(
    counts: Counts,
    found: npt.NDArray[np.str_],
    lengths: npt.NDArray[np.int64],
    settings: QualitySettings,
) -> dict[Reason, Breaks]:
    visible = np.maximum(counts.sum(axis=1) - counts[:, Sort.SPACE], 1)
    shares = counts / visible[:, None]
    others = ~np.isin(found, settings.languages) & bool(settings.languages)
    bare = (lengths >= settings.marks_from) & (shares[:, Sort.MARK] < settings.min_mark_share)
    return {
        Reason.WRONG_LANGUAGE: others,
        Reason.LOW_HAN_SHARE: (found == "zh") & (shares[:, Sort.HAN] < settings.min_han_share),
        Reason.SYMBOLS: shares[:, Sort.SYMBOL] > settings.max_symbol_share,
        Reason.DIGITS: shares[:, Sort.DIGIT] > settings.max_digit_share,
        Reason.NO_PUNCTUATION: bare,
    }


def by_lines(texts: Texts, settings: QualitySettings) -> dict[Reason, Breaks]:
    """A measure whose bound no text can break is not taken: each reads every text once more."""
    broken: dict[Reason, Breaks] = {}
    if settings.max_placeholder_share < 1:
        shares = measured(lines.placeholder_share, texts)
        broken[Reason.PLACEHOLDER] = shares > settings.max_placeholder_share
    if settings.max_duplicate_lines < 1 or settings.max_short_lines < 1:
        repeated, short = measured(lines.line_shares, texts).T
        broken[Reason.REPEATED_LINES] = repeated > settings.max_duplicate_lines
        broken[Reason.LIST_LIKE] = short > settings.max_short_lines
    if settings.min_sentences:
        ends = measured(lines.sentences, texts)
        broken[Reason.FEW_SENTENCES] = ends < settings.min_sentences
    return broken


def measured(
    measure: Callable[[str], float | tuple[float, float]], texts: Texts
) -> npt.NDArray[np.float64]:
    return np.array(list(map(measure, texts)), dtype=np.float64)


def by_repetition(
    characters: npt.NDArray[np.uint32], offsets: npt.NDArray[np.int64], settings: QualitySettings
) -> dict[Reason, Breaks]:
    broken: dict[Reason, Breaks] = {}
    if settings.max_repetition < 1 or settings.max_long_repetition < 1:
        broken[Reason.REPETITIVE] = repetitive(characters, offsets, settings)
    if settings.max_top_bigram < 1:
        lengths = np.maximum(np.diff(offsets), 1)
        shares = commonest_pair(characters, offsets) * 2 / lengths
        broken[Reason.TOP_BIGRAM] = shares > settings.max_top_bigram
    return broken


def repetitive(
    characters: npt.NDArray[np.uint32], offsets: npt.NDArray[np.int64], settings: QualitySettings
) -> Breaks:
    shares = seen_before(characters, offsets, 5)
    found: Breaks = shares > settings.max_repetition
    # A repeated 10-gram holds six repeated 5-grams: only texts with those need a second look.
    suspects = np.flatnonzero(shares > settings.max_long_repetition / 2)
    if len(suspects):
        long = seen_before(*chosen(characters, offsets, suspects), 10)
        found[suspects] |= long > settings.max_long_repetition
    return found
