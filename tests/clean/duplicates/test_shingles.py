"""A text is the set of its character n-grams."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies

from xuxie.clean.duplicates.shingles import jaccard, shingles

TEXTS = strategies.lists(strategies.text(alphabet="甲乙丙 \n　𠀀a", max_size=12), max_size=6)


def brute(text: str, ngram: int) -> set[str]:
    visible = "".join(text.split())
    return {visible[i : i + ngram] for i in range(max(1, len(visible) - ngram + 1))}


@pytest.mark.parametrize("ngram", [1, 3, 5])
@settings(deadline=None, max_examples=150, derandomize=True, database=None)
@given(texts=TEXTS)
def test_two_texts_share_what_their_ngrams_share(ngram: int, texts: list[str]) -> None:
    sets = shingles(texts, ngram).sets()
    assert len(sets) == len(texts)
    for one, first in zip(texts, sets, strict=True):
        for other, second in zip(texts, sets, strict=True):
            a, b = brute(one, ngram), brute(other, ngram)
            assert jaccard(first, second) == len(a & b) / len(a | b)


def test_no_ngram_reaches_into_the_next_text() -> None:
    alone = [shingles([text], 5).numbers for text in ("渡口应当设置标识", "果园")]
    assert np.array_equal(shingles(["渡口应当设置标识", "果园"], 5).numbers, np.concatenate(alone))


def test_no_texts_have_no_shingles() -> None:
    assert shingles([], 5).sets() == []
