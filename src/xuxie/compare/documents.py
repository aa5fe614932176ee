"""The documents that all models scored, side by side. Pure."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from xuxie.errors import Refusal, bad_data

ALL, FROZEN, FRESH = "all", "frozen", "fresh"
# Names that no source may take.
OWN = (ALL, FROZEN, FRESH)
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Counts:
    """Documents of each model; those in common; those that were cleaned to different texts."""

    each: list[int]
    common: int
    different: int


@dataclass(frozen=True)
class Common:
    """
    sources, groups: of each document; groups are numbers.
    frozen: whether a document is of the first arrivals, on which models of all times are scored.
    characters: [documents]. bits, tokens, right: [models, documents].
    """

    sources: npt.NDArray[np.str_]
    groups: npt.NDArray[np.int64]
    frozen: Mask
    characters: npt.NDArray[np.float64]
    bits: npt.NDArray[np.float64]
    tokens: npt.NDArray[np.float64]
    right: npt.NDArray[np.float64]

    def slices(self) -> dict[str, Mask]:
        """All documents, frozen and fresh ones, and each source; none that is the whole."""
        everything = {ALL: np.ones(len(self.sources), dtype=bool)}
        if self.frozen.any() and not self.frozen.all():
            everything |= {FROZEN: self.frozen, FRESH: ~self.frozen}
        names = [str(name) for name in np.unique(self.sources)]
        if len(names) < 2:
            return everything
        return everything | {
            f"source {name}" if name in OWN else name: self.sources == name for name in names
        }


def in_common(tables: list[pa.Table]) -> tuple[Common, Counts]:
    """
    Args:
        tables: the scores of each model (`subject.COLUMNS`), a row a document.

    Raises:
        Refusal: no document was scored by all of them.
    """
    places = [first_places(table) for table in tables]
    shared = [name for name in places[0] if all(name in place for place in places[1:])]
    rows = [
        table.take(np.array([place[name] for name in shared], dtype=np.int64))
        for table, place in zip(tables, places, strict=True)
    ]
    # The same document, but not the same text: another cleaning, which is no matter of the model.
    sizes = np.stack([np.stack([column(row, "characters"), column(row, "bytes")]) for row in rows])
    same = (sizes == sizes[0]).all(axis=(0, 1)) & (sizes[0, 0] > 0)
    counts = Counts([len(place) for place in places], int(same.sum()), int((~same).sum()))
    if not counts.common:
        raise nothing_in_common(counts)
    return aligned([row.filter(pa.array(same)) for row in rows]), counts


def aligned(rows: list[pa.Table]) -> Common:
    groups = rows[0]["group"].combine_chunks().dictionary_encode().indices
    stacked = {
        name: np.stack([column(row, name) for row in rows]) for name in ("bits", "tokens", "right")
    }
    return Common(
        sources=np.array(rows[0]["source"].to_pylist(), dtype=str),
        groups=groups.to_numpy(),
        frozen=column(rows[0], "frozen").astype(bool),
        characters=column(rows[0], "characters"),
        **stacked,
    )


def first_places(table: pa.Table) -> dict[str, int]:
    """Row of each document; of several with one id, which are the same text, the first."""
    names = table["id"].to_pylist()
    return {name: len(names) - 1 - back for back, name in enumerate(reversed(names))}


def column(table: pa.Table, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(table[name].to_numpy(zero_copy_only=False), dtype=np.float64)


def nothing_in_common(counts: Counts) -> Refusal:
    each = " / ".join(str(count) for count in counts.each)
    return bad_data(
        f"这些模型没有共同的测试文档（各有 {each} 篇，清洗后文本不同的 {counts.different} 篇），"
        "无法比较；请用同一份 data/splits 评估它们",
        f"these models scored no test document in common ({each} each, {counts.different} cleaned"
        " to different texts): nothing to compare; evaluate them on the same data/splits",
    )
