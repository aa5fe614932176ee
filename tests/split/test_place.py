"""Over any arrivals nothing moves, nothing is lost, and no near-duplicates face each other."""

import random
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pyarrow.parquet as pq
from hypothesis import strategies

from xuxie.config import Config
from xuxie.split import stage
from xuxie.split.strata import PARTS
from xuxie.store.records import Document, content_id, write_documents

NGRAM, JACCARD = 5, 0.8
SIDE = {"train": 0, "val": 1, "test": 2, "fresh": 2}
# Some of each part, with val=0.3 and test=0.3, so that no run is refused as too small.
ANCHORS = [f"锚{number}" for number in range(24)]


def text(number: int, length: int = 120) -> list[str]:
    """A text of rare characters; no two numbers share a shingle."""
    rng = random.Random(number)
    return [chr(rng.randrange(0x4E00, 0x9F00)) for _ in range(length)]


def chain(number: int, step: int, changes: int) -> str:
    """Texts that drift apart: neighbours are near-duplicates, the ends of the chain are not."""
    characters = text(number)
    for change in range(step * changes):
        characters[(change * 17) % 120] = chr(0x3400 + change)
    return "".join(characters)


def grams(text: str) -> set[str]:
    return {text[i : i + NGRAM] for i in range(max(len(text) - NGRAM + 1, 1))}


def jaccard(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)


def arrival(texts: list[tuple[str, str]], batch: int, seen: int) -> list[Document]:
    return [
        Document(
            content_id(f"{text}\0{seen + i}"), text, "甲", "", group, 0, None, "ours",
            f"{batch}.txt:{i}", batch,
        )
        for i, (text, group) in enumerate(texts)
    ]  # fmt: skip


# A chain, a step along it, how far a step goes, and a group: many draws meet in one cluster.
ENTRIES = strategies.builds(
    lambda number, step, group: (chain(number, step, 2), f"组{group}"),
    strategies.integers(0, 2),
    strategies.integers(0, 4),
    strategies.integers(0, 11),
)
BATCHES = strategies.lists(strategies.lists(ENTRIES, min_size=1, max_size=12), max_size=3)


def where(out: Path) -> dict[str, str]:
    return {
        name: part
        for part in PARTS
        for name in pq.read_table(out / f"{part}.parquet")["id"].to_pylist()
    }


def test_a_chain_is_what_it_should_be() -> None:
    first, middle, last = (grams(chain(0, step, 2)) for step in (0, 1, 2))
    assert jaccard(first, middle) >= JACCARD <= jaccard(middle, last)
    assert jaccard(first, last) < JACCARD


def test_over_random_arrivals_nothing_moves_and_nothing_leaks(
    settings: Callable[..., Config],
) -> None:
    chosen = settings("split.val=0.3", "split.test=0.3").split
    aside, fresh = 0, 0

    @hypothesis.settings(deadline=None, max_examples=25, derandomize=True, database=None)
    @hypothesis.given(BATCHES)
    def holds(batches: list[list[tuple[str, str]]]) -> None:
        nonlocal aside, fresh
        anchors = [("".join(text(1000 + i)), name) for i, name in enumerate(ANCHORS)]
        documents = arrival(anchors, 1, 0)
        before: dict[str, str] = {}
        with TemporaryDirectory() as name:
            for number, batch in enumerate([[], *batches], start=1):
                documents += arrival(batch, number, len(documents))
                write_documents(Path(name) / "kept.parquet", documents)
                out = Path(name) / "out"
                paths = {"metrics": Path(name) / "m.json", "report": Path(name) / "r.html"}
                stage.run(chosen, clean=Path(name), out=out, **paths)
                after = where(out)
                assert after.keys() == {document.id for document in documents}
                assert {id: after[id] for id in before} == before
                before = after
        refuse_crossing(documents, before)
        aside += sum(part == "aside" for part in before.values())
        fresh += sum(part == "fresh" for part in before.values())

    holds()
    assert aside > 20
    assert fresh > 20


def refuse_crossing(documents: list[Document], parts: dict[str, str]) -> None:
    """Every pair, by brute force; whoever is set aside has a reason to be."""
    sets = {document.id: grams(document.text) for document in documents}
    standing = [d for d in documents if parts[d.id] != "aside"]
    for one, other in combinations(standing, 2):
        if SIDE[parts[one.id]] != SIDE[parts[other.id]]:
            assert jaccard(sets[one.id], sets[other.id]) < JACCARD
            assert one.group != other.group
    for place, lost in enumerate(documents):
        if parts[lost.id] == "aside":
            earlier = [d for d in documents[:place] if parts[d.id] != "aside"]
            assert any(jaccard(sets[lost.id], sets[d.id]) >= JACCARD for d in earlier)
