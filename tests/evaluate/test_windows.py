"""How long texts are scored: every token of text once, boundaries never."""

import hypothesis
import pytest
from hypothesis import strategies as st

from xuxie.evaluate.windows import Window, windows

BOUNDARY = 0
SIZES = st.lists(st.integers(0, 30), min_size=1, max_size=5)


@st.composite
def contexts(draw: st.DrawFn) -> tuple[int, int]:
    context = draw(st.integers(1, 16))
    return context, draw(st.integers(1, context))


def documents_of(sizes: list[int]) -> list[list[int]]:
    """Tokens 1, 2, 3, ... through all documents."""
    ends = [sum(sizes[: place + 1]) for place in range(len(sizes))]
    return [list(range(end - size + 1, end + 1)) for size, end in zip(sizes, ends, strict=True)]


def cut(sizes: list[int], context: int, stride: int, first: int = 0) -> list[Window]:
    made = documents_of(sizes)
    return list(windows(made, first, boundary=BOUNDARY, context=context, stride=stride))


def scored(found: list[Window]) -> list[tuple[int, int]]:
    """Each scored token and its document, in the order of the windows."""
    return [
        (int(token), int(document))
        for window in found
        for token, document in zip(window.targets, window.documents, strict=True)
        if document >= 0
    ]


@hypothesis.given(sizes=SIZES, shape=contexts(), first=st.integers(0, 9))
@hypothesis.settings(deadline=None, derandomize=True)
def test_every_token_of_text_is_scored_once_for_its_document(
    sizes: list[int], shape: tuple[int, int], first: int
) -> None:
    expected = [
        (token, first + number)
        for number, document in enumerate(documents_of(sizes))
        for token in document
    ]
    assert scored(cut(sizes, *shape, first)) == expected


@hypothesis.given(sizes=SIZES, shape=contexts())
@hypothesis.settings(deadline=None, derandomize=True)
def test_windows_are_pieces_of_the_text_within_the_context(
    sizes: list[int], shape: tuple[int, int]
) -> None:
    text = [token for document in documents_of(sizes) for token in [BOUNDARY, *document]]
    for window in cut(sizes, *shape):
        whole = [*window.inputs.tolist(), int(window.targets[-1])]
        begin = next(b for b in range(len(text)) if text[b : b + len(whole)] == whole)
        assert text[begin + 1 : begin + len(whole)] == window.targets.tolist()
        assert len(window.inputs) <= shape[0]


@hypothesis.given(sizes=SIZES, shape=contexts())
@hypothesis.settings(deadline=None, derandomize=True)
def test_later_tokens_see_at_least_a_context_less_the_stride(
    sizes: list[int], shape: tuple[int, int]
) -> None:
    context, stride = shape
    for window in cut(sizes, *shape)[1:]:
        first = int((window.documents >= 0).argmax()) if (window.documents >= 0).any() else context
        assert first + 1 > context - stride


def test_a_boundary_is_the_target_of_no_score() -> None:
    (window,) = cut([2, 1], context=10, stride=5)
    assert window.inputs.tolist() == [0, 1, 2, 0]
    assert window.targets.tolist() == [1, 2, 0, 3]
    assert window.documents.tolist() == [0, 0, -1, 1]


@pytest.mark.parametrize(("stride", "count"), [(10, 3), (5, 5), (1, 21)])
def test_the_stride_decides_how_many_windows_there_are(stride: int, count: int) -> None:
    assert len(cut([30], context=10, stride=stride)) == count


def test_nothing_is_scored_of_an_empty_document() -> None:
    assert cut([0], context=10, stride=5) == []
