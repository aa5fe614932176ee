"""Figures of samples against their definitions, and planted faults that they must show."""

import math
import random
from collections import Counter
from pathlib import Path

import pytest

import corpus
from xuxie.generate.diversity import ngrams
from xuxie.generate.quality import distance, hashes, quality, self_bleu
from xuxie.store.records import Document, write_documents

TRAIN, HELD_OUT = corpus.reviews()[:120], corpus.reviews()[120:]
SAMPLES = HELD_OUT[:6]


def document(text: str, number: int) -> Document:
    return Document(str(number), text, "s", "d", str(number), 0, None, "own", "here", 1)


@pytest.fixture(scope="module")
def splits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("splits")
    for part, texts in (("train", TRAIN), ("test", HELD_OUT)):
        rows = [document(text, number) for number, text in enumerate(texts)]
        write_documents(folder / f"{part}.parquet", rows)
    return folder


def slow_bleu(text: str, others: list[str]) -> float:
    """BLEU of characters as the papers write it."""
    total = 0.0
    for n in (1, 2, 3, 4):
        own = Counter(ngrams(text, n))
        clipped = sum(min(c, max(Counter(ngrams(o, n))[g] for o in others)) for g, c in own.items())
        more = 0 if n == 1 else 1
        total += math.log((clipped + more) / (own.total() + more)) / 4
    nearest = min(map(len, others), key=lambda n: (abs(n - len(text)), n))
    return math.exp(total + min(0.0, 1 - nearest / len(text)))


def test_self_bleu_is_the_papers() -> None:
    others = [[*SAMPLES[:n], *SAMPLES[n + 1 :]] for n in range(6)]
    expected = [slow_bleu(text, rest) for text, rest in zip(SAMPLES, others, strict=True)]
    assert 0 < self_bleu(SAMPLES) < 1
    assert self_bleu(SAMPLES) == pytest.approx(sum(expected) / 6)


def test_self_bleu_of_one_text_over_and_over_is_one_and_of_strangers_nothing() -> None:
    assert self_bleu([TRAIN[0]] * 3) == pytest.approx(1)
    assert self_bleu(["甲乙丙丁戊", "子丑寅卯辰"]) == 0


def test_what_was_copied_from_train_is_not_new(splits: Path) -> None:
    invented = ["鹭鸶掠过青灰色水田那边", "他把旧瓷碗一只只摆回木架"]
    assert quality(invented, splits)["novelty"] == 1
    assert quality(TRAIN[:3], splits)["novelty"] == 0
    halves = [TRAIN[0], "鹭" * len(TRAIN[0])]
    grams = [gram for text in halves for gram in ngrams(text, 8)]
    new = sum(all(gram not in text for text in TRAIN) for gram in grams) / len(grams)
    assert quality(halves, splits)["novelty"] == pytest.approx(new)


def test_no_n_gram_spans_two_texts(splits: Path) -> None:
    assert len(hashes(["甲乙丙丁", "甲乙丙丁"], 4)) == 2
    assert len(hashes(["甲乙", "丙丁"], 4)) == 0
    across = TRAIN[0][-4:] + TRAIN[1][:4]
    assert not any(across in text for text in TRAIN)
    assert quality([across], splits)["novelty"] == 1


def test_the_distance_is_zero_for_equals_and_one_for_strangers() -> None:
    counts = Counter(ngrams("春天来了春天走了", 2))
    assert distance(counts, {g: 3 * n for g, n in counts.items()}, 3 * counts.total()) < 1e-6
    assert distance(counts, Counter(ngrams("夏雨秋风", 2)), 3) == pytest.approx(1)


def test_the_distance_is_that_of_the_definition() -> None:
    one, other = Counter({"a": 1, "b": 1}), Counter({"b": 1, "c": 3})
    # p = (.5, .5, 0), q = (0, .25, .75), m = (.25, .375, .375)
    to_m = [0.5 * 1 + 0.5 * math.log2(4 / 3), 0.25 * math.log2(2 / 3) + 0.75 * 1]
    assert distance(one, other, 4) == pytest.approx(math.sqrt(sum(to_m) / 2))


def test_shuffled_characters_are_further_from_real_text_than_real_text_is(splits: Path) -> None:
    letters = list("".join(SAMPLES))
    random.Random(1).shuffle(letters)
    real, shuffled = (quality(texts, splits) for texts in (SAMPLES, ["".join(letters)]))
    assert shuffled["bigram_distance"] > real["bigram_distance"] + 0.2
    assert real["bigram_distance"] == pytest.approx(real["bigram_distance_held_out"], abs=0.15)


@pytest.mark.parametrize("texts", [[""], ["甲"], ["", ""]])
def test_too_little_text_leaves_figures_out(texts: list[str], splits: Path) -> None:
    assert not {"novelty", "bigram_distance"} & quality(texts, splits).keys()
