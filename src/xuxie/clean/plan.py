"""The dataframe plans of clean: the same expressions run in this process or on a cluster.

Only what reads text is in a plan. What compares documents works on a few numbers a document and is
numpy: banding 142,664 documents took Daft 5.0 s as an aggregation and `candidates.py` 0.2 s.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import daft
import numpy as np
import pyarrow as pa
from daft import DataType, col
from daft.functions import monotonically_increasing_id

from xuxie.clean.duplicates.sketch import band_keys, text_hash
from xuxie.clean.identifiers import Kind, Policy, masked
from xuxie.clean.judge import judged
from xuxie.clean.normalise import normaliser
from xuxie.clean.repeated_lines import line_hashes
from xuxie.clean.settings import CleanSettings
from xuxie.engine.session import ORDER, Work, batch_rows, on_column, rows_in_order
from xuxie.engine.settings import EngineSettings

# A text made regular: what it was in characters, which rules changed it, its lines.
NORMAL = pa.struct(
    [
        ("text", pa.string()),
        ("characters", pa.int32()),
        ("rules", pa.list_(pa.string())),
        ("lines", pa.list_(pa.uint64())),
        ("lengths", pa.list_(pa.int32())),
    ]
)
# A regular text without identifiers: why it goes, and what it is compared by.
EXAMINED = pa.struct(
    [
        ("text", pa.string()),
        ("reason", pa.string()),
        ("language", pa.string()),
        ("found", pa.list_(pa.int32())),
        ("hash", pa.binary(16)),
        ("keys", pa.list_(pa.uint64())),
    ]
)
KINDS = tuple(Kind)


def normal(documents: Path, settings: CleanSettings, engine: EngineSettings) -> Iterator[pa.Table]:
    """Every document in order, with the columns of NORMAL."""
    return mapped(documents, partial(normalising, settings), NORMAL, engine)


def examined(
    documents: Path, settings: CleanSettings, engine: EngineSettings
) -> Iterator[pa.Table]:
    """Every document in order, with the columns of EXAMINED."""
    return mapped(documents, partial(examining, settings), EXAMINED, engine)


def mapped(
    documents: Path, prepare: Callable[[], Work], made: pa.StructType, engine: EngineSettings
) -> Iterator[pa.Table]:
    rows = batch_rows(documents, engine)
    column = on_column(prepare, DataType.from_arrow_type(made), rows, engine)
    frame = daft.read_parquet(str(documents.resolve()))
    frame = frame.with_column(ORDER, monotonically_increasing_id())
    frame = frame.with_column("made", column(col("text"))).exclude("text")
    fields = {field.name: col("made").get(field.name) for field in made}
    return rows_in_order(frame.with_columns(fields).exclude("made"))


def normalising(settings: CleanSettings) -> Work:
    apply = normaliser(settings.normalise)

    def work(texts: list[str]) -> pa.Array:
        pairs = [apply(text) for text in texts]
        lines = [line_hashes(text) for text, _ in pairs]
        columns = [
            [text for text, _ in pairs],
            [len(text) for text in texts],
            [list(rules) for _, rules in pairs],
            lines,
            [
                list(map(len, text.split("\n"))) if hashes else []
                for (text, _), hashes in zip(pairs, lines, strict=True)
            ],
        ]
        return struct_of(columns, NORMAL)

    return work


def examining(settings: CleanSettings) -> Work:
    chosen, allowed = policies(settings), settings.identifiers.allow

    def work(texts: list[str]) -> pa.Array:
        found = [masked(text, chosen, allowed) for text in texts]
        safe = [one.text for one in found]
        verdict = judged(safe, settings.quality)
        reasons = [
            "identifiers" if one.dropped else str(reason)
            for one, reason in zip(found, verdict.reasons, strict=True)
        ]
        columns = [
            safe,
            reasons,
            verdict.languages,
            [[one.counts.get(kind, 0) for kind in KINDS] if one.counts else [] for one in found],
            [text_hash(text) for text in safe],
            keys_of(safe, reasons, settings),
        ]
        return struct_of(columns, EXAMINED)

    return work


def policies(settings: CleanSettings) -> dict[Kind, Policy]:
    chosen = settings.identifiers.policies.model_dump()
    return {Kind(kind): Policy(policy) for kind, policy in chosen.items()}


def keys_of(texts: list[str], reasons: list[str], settings: CleanSettings) -> pa.Array:
    """Band keys of the texts that stay so far; nobody compares the others."""
    duplicates = settings.duplicates
    bands = duplicates.deals * duplicates.bands
    keys = np.zeros((len(texts), bands), dtype=np.uint64)
    stays = np.array([not reason for reason in reasons], dtype=bool)
    if duplicates.near:
        staying = [text for text, stay in zip(texts, stays, strict=True) if stay]
        keys[stays] = band_keys(staying, duplicates)
    offsets = np.arange(len(texts) + 1, dtype=np.int32) * bands
    return pa.ListArray.from_arrays(offsets, keys.reshape(-1))


def struct_of(columns: list[object], made: pa.StructType) -> pa.StructArray:
    arrays = [
        column if isinstance(column, pa.Array) else pa.array(column, field.type)
        for column, field in zip(columns, made, strict=True)
    ]
    return pa.StructArray.from_arrays(arrays, fields=list(made))
