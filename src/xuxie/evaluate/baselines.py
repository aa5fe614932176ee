"""What simpler means make of the same text: a general compressor, and counting n-grams."""

from xuxie.evaluate import xz
from xuxie.evaluate.kneser_ney import KneserNey
from xuxie.evaluate.tables import ALL, Texts, per_character

Table = dict[str, float]


def baselines(train: list[str], parts: dict[str, Texts], order: int) -> dict[str, dict[str, Table]]:
    """Bits per character of each split, method and source; both methods have read `train`.

    Args:
        parts: the splits to score, by name.
        order: characters in the longest n-gram.
    """
    ngrams = KneserNey(train, order)
    packed = xz.bits(
        train,
        {
            (part, source): texts.of(mask)
            for part, texts in parts.items()
            for source, mask in texts.slices().items()
            if source != ALL
        },
    )
    return {
        part: {
            "xz": compressed(texts, {s: bits for (p, s), bits in packed.items() if p == part}),
            f"kneser_ney_{order}": per_character(ngrams.bits(texts.texts), texts),
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
