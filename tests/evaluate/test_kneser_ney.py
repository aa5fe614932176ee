"""The n-gram baseline: proper probabilities, those of the textbook."""

import math
from collections import defaultdict

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import corpus
from xuxie.evaluate.kneser_ney import KneserNey

START = "^"
DOCUMENTS = st.lists(st.text("甲乙丙", min_size=1, max_size=12), min_size=1, max_size=8)
TEXT = st.text("甲乙丙丁", max_size=12)


class Slow:
    """Interpolated modified Kneser-Ney as Chen and Goodman write it, with dictionaries."""

    def __init__(self, documents: list[str], order: int) -> None:
        self.alphabet = set("".join(documents))
        self.tables = [self.counts(documents, length, order) for length in range(1, order + 1)]

    @staticmethod
    def counts(documents: list[str], length: int, order: int) -> dict[str, int]:
        """Plain counts of the longest n-grams; of the others how many characters stand before."""
        plain: dict[str, int] = defaultdict(int)
        before: dict[str, set[str]] = defaultdict(set)
        for document in documents:
            text = START + document
            for place in range(max(length - 1, 1), len(text)):
                gram = text[place - length + 1 : place + 1]
                plain[gram] += 1
                before[gram].add(text[place - length])
        if length == order:
            return plain
        return {g: n if g.startswith(START) else len(before[g]) for g, n in plain.items()}

    def chance(self, context: str, character: str) -> float:
        chance = 1 / (len(self.alphabet) + 1)
        for length, table in enumerate(self.tables, 1):
            if length > len(context) + 1:
                break
            prefix = context[len(context) - length + 1 :]
            followers = {g: n for g, n in table.items() if g[:-1] == prefix}
            if total := sum(followers.values()):
                discount = discounts(table)
                count = table.get(prefix + character, 0)
                left = sum(discount[min(n, 3)] for n in followers.values())
                chance = (count - discount[min(count, 3)] + left * chance) / total
        return chance

    def bits(self, document: str) -> float:
        text = START + document
        return -sum(math.log2(self.chance(text[:n], text[n])) for n in range(1, len(text)))


def discounts(table: dict[str, int]) -> list[float]:
    """By the formula, or constants where it cannot be worked out or gives nothing to share."""
    n = [list(table.values()).count(number) for number in range(5)]
    found = [0.0]
    for number in (1, 2, 3):
        if not n[number] or not n[4]:
            return [0.0, 0.5, 1.0, 1.5]
        y = n[1] / (n[1] + 2 * n[2])
        found.append(number - (number + 1) * y * n[number + 1] / n[number])
    return found if min(found[1:]) > 0 else [0.0, 0.5, 1.0, 1.5]


@hypothesis.given(documents=DOCUMENTS, texts=st.lists(TEXT, min_size=1, max_size=4))
@hypothesis.settings(deadline=None, derandomize=True)
def test_it_is_the_textbooks_model(documents: list[str], texts: list[str]) -> None:
    slow = Slow(documents, 3)
    found = KneserNey(documents, 3).bits(texts)
    assert found == pytest.approx([slow.bits(text) for text in texts])


@pytest.mark.parametrize("order", [2, 4, 6])
def test_it_is_the_textbooks_model_on_real_sentences(order: int) -> None:
    train, texts = corpus.reviews()[:40], corpus.reviews()[40:43]
    slow = Slow(train, order)
    found = KneserNey(train, order).bits(texts)
    assert found == pytest.approx([slow.bits(text) for text in texts])


@hypothesis.given(documents=DOCUMENTS, context=TEXT, order=st.integers(1, 5))
@hypothesis.settings(deadline=None, derandomize=True)
def test_next_characters_and_the_unseen_share_one_probability(
    documents: list[str], context: str, order: int
) -> None:
    following = [*sorted(set("".join(documents))), "未"]
    bits = KneserNey(documents, order).bits([context, *(context + c for c in following)])
    assert np.exp2(bits[0] - bits[1:]).sum() == pytest.approx(1)


@pytest.mark.parametrize("text", ["未", "未见过的字🎋", "甲未甲", "乙乙乙乙乙乙"])
def test_text_never_seen_costs_finite_bits(text: str) -> None:
    (bits,) = KneserNey(["甲乙甲乙丙"], 4).bits([text])
    assert 0 < bits < 20 * len(text)


@pytest.mark.parametrize("train", [["ab"], ["ab", "b"], ["a"], ["ba", "ab"]])
def test_what_only_ends_documents_can_be_followed(train: list[str]) -> None:
    assert np.isfinite(KneserNey(train, 3).bits(["abab", "bbb", "aaba"])).all()


def test_documents_are_scored_apart() -> None:
    model, texts = KneserNey(corpus.reviews()[:50], 5), corpus.reviews()[50:60]
    apart = [model.bits([text])[0] for text in texts]
    assert model.bits(texts) == pytest.approx(apart)


def test_no_n_gram_spans_two_documents() -> None:
    train, texts = corpus.reviews()[:60], corpus.reviews()[60:80]
    there, back = KneserNey(train, 4).bits(texts), KneserNey(train[::-1], 4).bits(texts)
    assert there == pytest.approx(back)


def test_seen_text_is_cheaper_and_longer_memory_helps() -> None:
    reviews = corpus.reviews()
    short, long = (KneserNey(reviews[:200], order).bits(reviews[200:]).sum() for order in (1, 5))
    assert long < short / 2
    assert KneserNey(reviews, 5).bits(reviews[200:]).sum() < long


def test_the_start_sign_in_a_text_is_no_character() -> None:
    model = KneserNey(["甲\0乙", "甲乙"], 3)
    assert model.bits(["甲\0乙"]) == pytest.approx(KneserNey(["甲乙"] * 2, 3).bits(["甲乙"]))
