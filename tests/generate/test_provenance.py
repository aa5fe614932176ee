"""What is said to stand in training text is what a plain search finds there, and all of it."""

from collections.abc import Sequence

import hypothesis
import pytest
from hypothesis import strategies

from xuxie.clean.duplicates.shingles import code_points
from xuxie.generate.provenance import copies, spans
from xuxie.generate.provenance.spans import Place, Span, covered, longest, verbatim
from xuxie.split.verbatim import rolling
from xuxie.store.records import Document

# Two letters make many long copies; the third takes more than 16 bits.
TEXTS = strategies.lists(strategies.text("春夏𠮷", max_size=40), max_size=5)


def documents(texts: Sequence[str]) -> list[Document]:
    return [
        Document(
            id=f"document {number}",
            text=text,
            source=f"source {number % 2}",
            domain="",
            group=f"group {number}",
            position=0,
            date=None,
            licence=f"licence {number % 3}",
            origin=f"file.txt:{number}",
            arrival=1,
        )
        for number, text in enumerate(texts)
    ]


def searched(text: str, train: list[Document], least: int, places: int) -> list[Span]:
    """By trying every stretch of the text in every document."""
    inside = [
        (begin, end)
        for begin in range(len(text))
        for end in range(begin + least, len(text) + 1)
        if any(text[begin:end] in document.text for document in train)
    ]
    return [
        found(text, begin, end, train, places)
        for begin, end in inside
        if not {(begin - 1, end), (begin, end + 1)} & set(inside)
    ]


def found(text: str, begin: int, end: int, train: list[Document], places: int) -> Span:
    part = text[begin:end]
    times = {
        number: sum(document.text.startswith(part, place) for place in range(len(document.text)))
        for number, document in enumerate(train)
    }
    holders = [train[number] for number in times if times[number]]
    return Span(
        begin,
        end,
        sum(times.values()),
        len(holders),
        [Place(d.id, d.source, d.group, d.licence, d.origin) for d in holders[:places]],
        sorted({document.licence for document in holders}),
    )


@hypothesis.settings(deadline=None, max_examples=200, derandomize=True, database=None)
@hypothesis.given(TEXTS, TEXTS, strategies.integers(2, 6), strategies.integers(1, 3))
def test_as_by_plain_search(asked: list[str], train: list[str], least: int, places: int) -> None:
    whole = documents(train)
    assert verbatim(asked, whole, characters=least, places=places) == [
        searched(text, whole, least, places) for text in asked
    ]


@hypothesis.settings(deadline=None, max_examples=200, derandomize=True, database=None)
@hypothesis.given(TEXTS, TEXTS, strategies.integers(1, 60), strategies.integers(1, 7))
def test_nothing_depends_on_how_the_corpus_is_cut_into_blocks(
    asked: list[str], train: list[str], block: int, pairs: int
) -> None:
    with pytest.MonkeyPatch.context() as small:
        small.setattr(spans, "BLOCK", block)
        small.setattr(copies, "PAIRS", pairs)
        whole = documents(train)
        assert verbatim(asked, whole, characters=3, places=2) == [
            searched(text, whole, 3, 2) for text in asked
        ]


def test_texts_with_the_same_hash_are_no_copies() -> None:
    # Two Thue-Morse words collide under every polynomial modulo 2**64 (Pachocki, Radoszewski 2013).
    signs = [number.bit_count() % 2 for number in range(2048)]
    one, other = ("".join(pair[sign] for sign in signs) for pair in ("春夏", "夏春"))
    hashes = [rolling(code_points([text])[0], 2048) for text in (one, other)]
    assert one != other and hashes[0] == hashes[1]
    assert verbatim([one], documents([other]), characters=2048, places=1) == [[]]
    assert longest(verbatim([one], documents([one]), characters=2048, places=1)[0]) == 2048


def test_a_stretch_does_not_reach_from_one_document_into_the_next() -> None:
    assert verbatim(["春江潮水"], documents(["春江", "潮水"]), characters=3, places=1) == [[]]


def test_a_character_repeated_everywhere_is_one_stretch() -> None:
    (found,) = verbatim(["哈" * 300], documents(["哈" * 2000]), characters=8, places=1)
    assert [(span.start, span.end, span.times) for span in found] == [(0, 300, 1701)]


def test_overlapping_stretches_are_counted_once() -> None:
    train = documents(["春江潮水", "潮水连海"])
    (found,) = verbatim(["春江潮水连海"], train, characters=4, places=1)
    assert [(span.start, span.end) for span in found] == [(0, 4), (2, 6)]
    assert covered(found) == 6
    assert longest(found) == 4
    assert longest([]) == 0
