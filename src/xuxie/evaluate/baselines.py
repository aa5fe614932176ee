"""What simpler means make of the same text: a general compressor, and counting n-grams."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from xuxie.evaluate import xz
from xuxie.evaluate.kneser_ney import KneserNey
from xuxie.evaluate.tables import per_character
from xuxie.evaluate.texts import ALL, Texts

Table = dict[str, float]
Part = tuple[str, str]  # a split and a source


@contextmanager
def packing(train: list[str], parts: dict[str, Texts]) -> Iterator[Callable[[], dict[Part, float]]]:
    """The compressor, at work in another process: its bits by split and source."""
    slices = {
        (part, source): texts.of(mask)
        for part, texts in parts.items()
        for source, mask in texts.slices().items()
        if source != ALL
    }
    with xz.started(train, slices) as packed:
        yield packed


def baselines(
    train: list[str], parts: dict[str, Texts], order: int, packed: Callable[[], dict[Part, float]]
) -> dict[str, dict[str, Table]]:
    """Bits per character of each split, method and source; both methods have read `train`.

    Args:
        parts: the splits to score, by name.
        order: characters in the longest n-gram.
        packed: waits for what `packing` has begun.
    """
    ngrams = KneserNey(train, order)
    counted = {p: per_character(ngrams.bits(t.texts), t) for p, t in parts.items()}
    bits = packed()
    return {
        part: {
            "xz": compressed(texts, {s: bits[p, s] for p, s in bits if p == part}),
            f"kneser_ney_{order}": counted[part],
        }
        for part, texts in parts.items()
    }


def compressed(texts: Texts, bits: Table) -> Table:
    """Bits per character from the bits of each source; all together is their sum."""
    sizes = texts.characters()
    bits = {ALL: sum(bits.values())} | bits
    return {
        source: bits[source] / float(sizes[mask].sum()) for source, mask in texts.slices().items()
    }


def within(texts: list[str], limit: int) -> list[str]:
    """The first `limit` characters of the texts, to bound time and memory."""
    kept: list[str] = []
    for text in texts:
        if limit <= 0:
            break
        kept.append(text[:limit])
        limit -= len(text)
    return kept
