"""The longest verbatim stretches of texts, each with the training documents it stands in."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from xuxie.clean.duplicates.shingles import Offsets
from xuxie.generate.provenance.copies import TRAIN_ENDS, Asked, Copies, separated
from xuxie.store.records import Document

# Characters of training text searched together: 2**20 take 60 MB. A longer document is one block.
BLOCK = 1 << 20


@dataclass(frozen=True)
class Place:
    """A training document that holds the stretch; the fields are those of `store.records`."""

    id: str
    source: str
    group: str
    licence: str
    origin: str


@dataclass(frozen=True)
class Span:
    """Characters [start, end) of a text that stand in training text, and cannot grow there.

    times, documents: how often in all, and in how many documents.
    places: the first of these documents, in the order of the corpus.
    licences: of all of them.
    """

    start: int
    end: int
    times: int
    documents: int
    places: list[Place]
    licences: list[str]


@dataclass
class Trace:
    """What is known so far of the stretch that begins at one place."""

    end: int
    times: int = 0
    documents: int = 0
    places: list[Place] = field(default_factory=list)
    licences: set[str] = field(default_factory=set)

    def add(self, holders: list[Document], times: int, places: int) -> None:
        self.times += times
        self.documents += len(holders)
        self.licences |= {document.licence for document in holders}
        for document in holders[: places - len(self.places)]:
            fields = {name: getattr(document, name) for name in Place.__annotations__}
            self.places.append(Place(**fields))


class Traces:
    """The stretches found so far that lie in no longer one, by where they begin.

    A stretch that lies in a longer one can be forgotten for good: so memory does not grow with the
    number of times a common phrase stands in the corpus.
    """

    def __init__(self, asked: Asked, places: int) -> None:
        self.asked, self.places = asked, places
        self.ends = np.zeros(len(asked.characters), dtype=np.int64)
        self.found: dict[int, Trace] = {}

    def search(self, documents: list[Document]) -> None:
        """Add what stands in these documents, which follow those of earlier calls."""
        train, begins = separated([document.text for document in documents], TRAIN_ENDS)
        every = list(self.asked.copies(train))
        for copies in every:
            np.maximum.at(self.ends, copies.starts, copies.ends)
        longest = self.longest()
        self.found = {at: self.found[at] for at in self.found if self.found[at].end == longest[at]}
        for at, holders in grouped(*self.kept(every, longest, begins)):
            trace = self.found.setdefault(at, Trace(int(longest[at])))
            there = [documents[number] for number in np.unique(holders).tolist()]
            trace.add(there, len(holders), self.places)

    def longest(self) -> Offsets:
        """Where the stretch from each place ends; 0 where it lies in a longer one."""
        reach = np.maximum.accumulate(self.ends)
        return np.where(self.ends > np.concatenate([[0], reach[:-1]]), self.ends, 0)

    def kept(
        self, every: list[Copies], longest: Offsets, begins: Offsets
    ) -> tuple[Offsets, Offsets]:
        """Where the copies worth keeping start, and the number of the document each stands in."""
        pairs = [(c.starts[k], c.places[k]) for c in every for k in [longest[c.starts] == c.ends]]
        empty = np.zeros(0, dtype=np.int64)
        starts = np.concatenate([empty, *(start for start, _ in pairs)])
        places = np.concatenate([empty, *(place for _, place in pairs)])
        return starts, np.searchsorted(begins, places, side="right") - 1

    def spans(self) -> list[list[Span]]:
        """Those of each text, in their order."""
        begins = self.asked.begins
        made: list[list[Span]] = [[] for _ in begins]
        for at in sorted(self.found):
            number = int(np.searchsorted(begins, at, side="right")) - 1
            begin, trace = int(begins[number]), self.found[at]
            made[number].append(
                Span(
                    at - begin,
                    trace.end - begin,
                    trace.times,
                    trace.documents,
                    trace.places,
                    sorted(trace.licences),
                )
            )
        return made


def grouped(keys: Offsets, values: Offsets) -> Iterator[tuple[int, Offsets]]:
    """Each key once, with all its values."""
    order = np.argsort(keys, kind="stable")
    found, begins = np.unique(keys[order], return_index=True)
    for key, (begin, end) in zip(found.tolist(), pairwise([*begins, len(keys)]), strict=True):
        yield key, values[order[begin:end]]


def verbatim(
    texts: Sequence[str], documents: Iterable[Document], *, characters: int, places: int
) -> list[list[Span]]:
    """The longest stretches of each text that stand in one of the documents.

    Args:
        characters: fewest a stretch has.
        places: documents named for each stretch.
    """
    traces = Traces(Asked(texts, characters), places)
    for block in blocks(documents):
        traces.search(block)
    return traces.spans()


def blocks(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Neighbours with about BLOCK characters in all."""
    block: list[Document] = []
    size = 0
    for document in documents:
        block.append(document)
        size += len(document.text)
        if size >= BLOCK:
            yield block
            block, size = [], 0
    if block:
        yield block


def covered(spans: Sequence[Span]) -> int:
    """Characters inside any of the spans of a text; they may overlap."""
    return len({place for span in spans for place in range(span.start, span.end)})


def longest(spans: Iterable[Span]) -> int:
    return max((span.end - span.start for span in spans), default=0)
