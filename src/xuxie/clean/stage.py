"""Normalise every document and set aside, with its reason, what should not be learned from."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xuxie.clean.plan import judged
from xuxie.clean.settings import CleanSettings
from xuxie.clean.tally import Tally
from xuxie.errors import Refusal, bad_data
from xuxie.store.directories import whole_directory
from xuxie.store.files import write_csv, write_json
from xuxie.store.records import SCHEMA

JUDGED = SCHEMA.append(pa.field("reason", pa.string()))


def run(
    settings: CleanSettings,
    *,
    documents: Path,
    out: Path,
    metrics: Path,
    reasons: Path,
    lengths: Path,
) -> None:
    tally = Tally()
    with whole_directory(out) as folder:
        divide(tables(documents / "documents.parquet", settings), folder, tally)
        if not tally.kept():
            raise nothing_left(tally)
    write_csv(reasons, ("source", "reason", "documents"), tally.reason_rows())
    write_csv(lengths, ("characters", "documents"), tally.length_rows())
    write_json(metrics, tally.report())


def tables(path: Path, settings: CleanSettings) -> Iterator[pa.Table]:
    """The judged documents in their order, a part at a time."""
    for batch in judged(path, settings).to_arrow_iter():
        yield pa.Table.from_batches([batch]).select(JUDGED.names).cast(JUDGED)


def divide(parts: Iterator[pa.Table], folder: Path, tally: Tally) -> None:
    """Write kept.parquet and removed.parquet, counting as the documents pass."""
    with (
        pq.ParquetWriter(folder / "kept.parquet", SCHEMA, compression="zstd") as kept,
        pq.ParquetWriter(folder / "removed.parquet", JUDGED, compression="zstd") as removed,
    ):
        for part in parts:
            stays = pc.equal(part["reason"], "")
            kept.write_table(part.filter(stays).select(SCHEMA.names))
            removed.write_table(part.filter(pc.invert(stays)))
            tally.add(part)


def nothing_left(tally: Tally) -> Refusal:
    reasons = ", ".join(f"{reason} {number}" for reason, number in tally.reasons().items())
    return bad_data(
        f"清洗后没有留下文档（{reasons}）；请检查文本，或放宽 conf/clean 的阈值",
        f"clean kept 0 documents ({reasons}); check the text or relax the thresholds in conf/clean",
    )
