"""What clean knows of each document beside its text: a few numbers, in the order of arrival."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from xuxie.clean.repeated_lines import Lines, Numbers, Places

Codes = npt.NDArray[np.int32]


class Names:
    """Numbers names in the order in which they first occur."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def coded(self, names: pa.ChunkedArray) -> Codes:
        """The number of each name."""
        encoded = names.combine_chunks().dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        known = [
            self.numbers.setdefault(name, len(self.numbers))
            for name in encoded.dictionary.to_pylist()
        ]
        codes: Codes = np.array(known, dtype=np.int32)[encoded.indices.to_numpy()]
        return codes

    def names(self) -> list[str]:
        return list(self.numbers)


class Columns:
    """Arrays that grow a batch at a time."""

    def __init__(self, *names: str) -> None:
        self.parts: dict[str, list[npt.NDArray[np.generic]]] = {name: [] for name in names}

    def add(self, **arrays: npt.NDArray[np.generic]) -> None:
        for name, array in arrays.items():
            self.parts[name].append(array)

    def whole(self, name: str) -> npt.NDArray[np.generic]:
        """The column; its parts are let go."""
        parts = self.parts.pop(name)
        return np.concatenate(parts) if parts else np.zeros(0)


class LineIndex:
    """Collects the lines of documents that have several."""

    def __init__(self) -> None:
        self.columns = Columns("hashes", "documents", "sources", "ordinals", "lengths")
        self.seen = np.zeros(0, dtype=np.int64)
        self.documents = 0

    def add(self, sources: Codes, lines: pa.ListArray, lengths: pa.ListArray) -> None:
        """Args: sources: a number for each document's source; lines, lengths: as in NORMAL."""
        ordinals = self.ordinals(sources)
        counts = np.diff(lines.offsets.to_numpy())
        repeat = np.repeat(np.arange(len(sources)), counts)
        self.columns.add(
            hashes=lines.flatten().to_numpy().astype(np.uint64),
            documents=repeat + self.documents,
            sources=sources[repeat].astype(np.int64),
            ordinals=ordinals[repeat],
            lengths=lengths.flatten().to_numpy().astype(np.int64),
        )
        self.documents += len(sources)

    def ordinals(self, sources: Codes) -> Places:
        """The number of each document among those of its source."""
        most = int(sources.max(initial=-1)) + 1
        self.seen = np.pad(self.seen, (0, max(0, most - len(self.seen))))
        found = np.empty(len(sources), dtype=np.int64)
        for source in np.unique(sources):
            own = sources == source
            found[own] = self.seen[source] + np.arange(own.sum())
            self.seen[source] += own.sum()
        return found

    def lines(self) -> Lines:
        names = ("hashes", "documents", "sources", "ordinals", "lengths")
        columns = {name: self.columns.whole(name) for name in names}
        hashes: Numbers = columns.pop("hashes").astype(np.uint64)
        return Lines(hashes, **{name: column.astype(np.int64) for name, column in columns.items()})


def binary(values: Sequence[bytes]) -> npt.NDArray[np.void]:
    """Values of 16 bytes as an array that sorts."""
    return np.frombuffer(b"".join(values), dtype="V16")
