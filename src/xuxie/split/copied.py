"""The share of held-out text that stands verbatim in train, read from the written parts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xuxie.split.kept import batches
from xuxie.split.verbatim import Stretches

HELD_OUT = ("val", "test", "fresh")


def copied(folder: Path, length: int) -> dict[str, Any]:
    """By part, for all its text and for each source: the share of characters inside copied
    stretches of `length`, and the share of documents that have any."""
    texts: list[str] = []
    names: list[tuple[str, str]] = []
    for part in HELD_OUT:
        for batch in batches(folder / f"{part}.parquet", ["text", "source"]):
            texts += batch["text"].to_pylist()
            names += [(part, source) for source in batch["source"].to_pylist()]
    stretches = Stretches(texts, length)
    lengths = [len(text) for text in texts]
    del texts
    for batch in batches(folder / "train.parquet", ["text"]):
        stretches.see(batch["text"].to_pylist())
    return tallied(names, lengths, stretches.covered().tolist())


def tallied(names: list[tuple[str, str]], lengths: list[int], covered: list[int]) -> dict[str, Any]:
    """Args: names: part and source of each document."""
    overall: dict[str, Share] = {part: Share() for part in HELD_OUT}
    sources: dict[str, dict[str, Share]] = {part: {} for part in HELD_OUT}
    for (part, source), length, characters in zip(names, lengths, covered, strict=True):
        overall[part].add(length, characters)
        sources[part].setdefault(source, Share()).add(length, characters)
    return {
        part: overall[part].report()
        | {"sources": {name: sources[part][name].report() for name in sorted(sources[part])}}
        for part in HELD_OUT
    }


@dataclass
class Share:
    """How much of some documents is copied."""

    characters: int = 0
    copied: int = 0
    documents: int = 0
    touched: int = 0

    def add(self, characters: int, copied: int) -> None:
        self.characters += characters
        self.copied += copied
        self.documents += 1
        self.touched += copied > 0

    def report(self) -> dict[str, Any]:
        return {
            "characters": self.copied / max(self.characters, 1),
            "documents": self.touched / max(self.documents, 1),
        }
