"""A split's tokens on disk: one flat array, read through the operating system's page cache."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from xuxie.store.records import read_table

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Tokens:
    """Memory-mapped tokens of a split and where its documents lie.

    tokens: [num_tokens], uint16 or uint32; each document is a boundary token and its text.
    starts: [num_documents + 1], where each document begins in `tokens`.
    order: [num_documents], documents with those of a group together and in their positions.
    group_starts: [num_groups + 1], where each group begins in `order`.
    group_sources: [num_groups], the number of each group's source: that of its first document.
    group_arrivals: [num_groups], the batch with which the latest document of each group arrived.
    source_characters: [num_sources], of the text of each source.
    characters: of the split's text.
    """

    tokens: npt.NDArray[np.unsignedinteger]
    starts: Integers
    order: Integers
    group_starts: Integers
    group_sources: Integers
    group_arrivals: Integers
    source_characters: Integers
    characters: int


def write_tokens(
    folder: Path, part: str, documents: Iterable[list[int]], *, boundary: int, vocabulary: int
) -> int:
    """Write `part`.tokens.npy and `part`.starts.npy; return the number of tokens.

    The tokens are written as they come and get their header afterwards, so that memory holds one
    document at a time. Not through a memory map: on a full disk that ends in a bus error.
    """
    kind = np.uint16 if vocabulary <= 2**16 else np.uint32
    starts = [0]
    raw = folder / f"{part}.tokens.raw"
    with raw.open("wb") as file:
        for tokens in documents:
            file.write(np.array([boundary, *tokens], dtype=kind).tobytes())
            starts.append(starts[-1] + len(tokens) + 1)
    header = {"descr": np.dtype(kind).str, "fortran_order": False, "shape": (starts[-1],)}
    with (folder / f"{part}.tokens.npy").open("wb") as flat, raw.open("rb") as file:
        np.lib.format.write_array_header_1_0(flat, header)
        shutil.copyfileobj(file, flat)
    raw.unlink()
    np.save(folder / f"{part}.starts.npy", np.array(starts, dtype=np.int64))
    return starts[-1]


def write_order(folder: Path, part: str, split: Path) -> None:
    """Write the order of a split's documents: groups as they first appear, each by position.

    And which source each group is of, when it arrived, and how much text each source has.
    """
    table = read_table(split, ["group", "position", "source", "arrival", "text"])
    groups, sources = numbers(table["group"]), numbers(table["source"])
    order = np.lexsort((table["position"].to_numpy(), groups)).astype(np.int64)
    group_starts = np.concatenate([[0], np.cumsum(np.bincount(groups))]).astype(np.int64)
    arrivals = table["arrival"].to_numpy()[order].astype(np.int64)
    lengths = np.array([len(text) for text in table["text"].to_pylist()], dtype=np.int64)
    arrays = {
        "order": order,
        "groups": group_starts,
        "group_sources": sources[order[group_starts[:-1]]],
        "group_arrivals": np.maximum.reduceat(arrivals, group_starts[:-1]),
        # Sums of whole numbers below 2^53: exact as floats.
        "source_characters": np.bincount(sources, weights=lengths).astype(np.int64),
        "characters": np.array(lengths.sum()),
    }
    for name, array in arrays.items():
        np.save(folder / f"{part}.{name}.npy", array)


def numbers(names: pa.ChunkedArray) -> Integers:
    """Each name as a number, in the order in which they first appear."""
    found: Integers = names.combine_chunks().dictionary_encode().indices.to_numpy()
    return found.astype(np.int64)


def open_tokens(folder: Path, part: str) -> Tokens:
    def array(name: str) -> Integers:
        mapped: Integers = np.load(folder / f"{part}.{name}.npy", mmap_mode="r")
        return mapped

    return Tokens(
        tokens=np.load(folder / f"{part}.tokens.npy", mmap_mode="r"),
        starts=array("starts"),
        order=array("order"),
        group_starts=array("groups"),
        group_sources=array("group_sources"),
        group_arrivals=array("group_arrivals"),
        source_characters=array("source_characters"),
        characters=int(np.load(folder / f"{part}.characters.npy")),
    )
