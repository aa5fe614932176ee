"""Reading documents as columns, a few megabytes at a time, and what is remembered of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xuxie.clean.duplicates.candidates import BandFiles, Flags, Places
from xuxie.clean.duplicates.settings import DuplicateSettings
from xuxie.clean.duplicates.sketch import band_keys, text_hash
from xuxie.errors import bad_data
from xuxie.split.assign import assign, assign_by_date
from xuxie.split.place import SIDES, Sides
from xuxie.split.settings import LeakSettings, SplitSettings
from xuxie.store.records import BATCH_ROWS

# Text of one batch: arrays of 8 bytes a character then take 6 MB each (3 bytes a character).
BATCH_BYTES = 1 << 21
Hashes = npt.NDArray[np.void]


@dataclass(frozen=True)
class Facts:
    """What is remembered of every document, in order: 37 bytes, not its text.

    own: the side of its group's name, or of its date.
    """

    texts: Hashes
    groups: Hashes
    own: Sides
    arrivals: npt.NDArray[np.int32]


def batches(path: Path, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """The rows of a file in order; `columns` must hold text."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH_ROWS, columns=columns):
            sizes = pc.binary_length(batch["text"]).to_numpy(zero_copy_only=False)
            pieces = np.cumsum(sizes, dtype=np.int64) // BATCH_BYTES
            begins = np.flatnonzero(np.diff(pieces, prepend=-1))
            for begin, end in zip(begins, [*begins[1:], len(batch)], strict=True):
                yield batch.slice(int(begin), int(end - begin))


def texts_of(path: Path, chosen: Flags) -> Iterator[tuple[Places, list[str]]]:
    """The chosen documents of a file: their places and texts."""
    begin = 0
    for batch in batches(path, ["text"]):
        flags = chosen[begin : begin + len(batch)]
        if flags.any():
            yield np.flatnonzero(flags) + begin, batch["text"].filter(pa.array(flags)).to_pylist()
        begin += len(batch)


def sketching(leak: LeakSettings) -> DuplicateSettings:
    return DuplicateSettings(
        exact=True,
        near=True,
        jaccard=leak.jaccard,
        ngram=leak.ngram,
        bands=leak.bands,
        rows=leak.rows,
        deals=leak.deals,
    )


def read(path: Path, settings: SplitSettings, bands: BandFiles) -> Facts:
    """One pass: remember each document and write its band keys.

    Raises:
        Refusal: documents have no date although dates divide them.
    """
    texts, groups, own, arrivals = [], [], [], []
    sketch, undated = sketching(settings.leak), 0
    for batch in batches(path, ["text", "group", "date", "arrival"]):
        rows = batch.to_pydict()
        bands.add(band_keys(rows["text"], sketch))
        texts.append(hashes(rows["text"]))
        groups.append(hashes(rows["group"]))
        own.append(sides(rows, settings))
        arrivals.append(np.array(rows["arrival"], dtype=np.int32))
        undated += batch["date"].null_count
    if settings.kind == "time" and settings.time.undated == "refuse" and undated:
        raise without_date(undated)
    return Facts(joined(texts, "V16"), joined(groups, "V16"), joined(own, "i1"), joined(arrivals))


def joined(arrays: list[npt.NDArray[Any]], kind: str = "i4") -> npt.NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype=kind), *arrays])


def hashes(texts: list[str]) -> Hashes:
    return np.frombuffer(b"".join(map(text_hash, texts)), dtype="V16")


def sides(rows: dict[str, list[Any]], settings: SplitSettings) -> Sides:
    """Where each row's group would stand by itself."""
    if settings.kind == "time":
        bounds = {
            "val_from": date.fromisoformat(settings.time.val_from),
            "test_from": date.fromisoformat(settings.time.test_from),
        }
        parts = [assign_by_date(day or date.min, **bounds) for day in rows["date"]]
    else:
        val, test, salt = settings.val, settings.test, settings.salt
        parts = [assign(group, val=val, test=test, salt=salt) for group in rows["group"]]
    return np.array([SIDES.index(part) for part in parts], dtype=np.int8)


def without_date(undated: int) -> Exception:
    return bad_data(
        f"{undated} 篇文档没有日期，不能按时间划分；请补上日期，或设 split.time.undated=train",
        f"{undated} documents have no date to divide them by; "
        "add dates, or set split.time.undated=train",
    )
