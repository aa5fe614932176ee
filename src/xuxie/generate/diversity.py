"""How varied samples are, counted on characters: Chinese has no spaces to count words by."""

NGRAM = 4


def distinct(texts: list[str], length: int) -> float:
    """Distinct character n-grams among all (distinct-n, Li et al. 2016, arXiv 1510.03055)."""
    grams = [gram for text in texts for gram in ngrams(text, length)]
    return len(set(grams)) / len(grams) if grams else 0.0


def repetition(text: str) -> float:
    """Share of the character 4-grams of one text that occurred in it before."""
    grams = ngrams(text, NGRAM)
    return 1 - len(set(grams)) / len(grams) if grams else 0.0


def ngrams(text: str, length: int) -> list[str]:
    return [text[place : place + length] for place in range(len(text) - length + 1)]
