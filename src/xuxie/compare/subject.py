"""One of the models that are compared, wherever it was found."""

import io
import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from xuxie.errors import Refusal, bad_data

# What `evaluate` writes of every document; no text is among it.
COLUMNS = {
    "id": pa.string(),
    "source": pa.string(),
    "group": pa.string(),
    "frozen": pa.bool_(),
    "characters": pa.int64(),
    "bytes": pa.int64(),
    "tokens": pa.int64(),
    "bits": pa.float64(),
    "right": pa.int64(),
}
Curve = list[dict[str, float]]


@dataclass(frozen=True)
class Subject:
    """
    name: what a reader knows it by.
    run_id, fingerprint: of its MLflow run and of its model directory, empty where unknown.
    params: settings and facts, by dotted key, as MLflow writes values.
    commit, changed: of the code; `changed` is whether src or conf differed from that commit.
    data: DVC's hash of each output and of the raw files, by path.
    scores: a row for each test document, with COLUMNS.
    samples: `prompt`, `number`, `text` and more, of each.
    curve: points with `tokens`, and `train` and `val` in bits per character where they were taken.
    """

    name: str
    run_id: str
    fingerprint: str
    params: dict[str, str]
    commit: str
    changed: bool
    data: dict[str, str]
    scores: pa.Table
    samples: list[dict[str, Any]]
    curve: Curve


def scores_from(data: bytes, name: str) -> pa.Table:
    """Per-document scores from the bytes of a Parquet file.

    Raises:
        Refusal: it is no Parquet file, or lacks a column.
    """
    try:
        table = pq.read_table(io.BytesIO(data), columns=list(COLUMNS))
        if table.num_columns == len(COLUMNS):
            return table.cast(pa.schema(COLUMNS))
        reason = ", ".join(COLUMNS.keys() - set(table.column_names))
    except pa.ArrowException as error:
        reason = " ".join(str(error).split())
    raise unreadable(name, reason)


def samples_from(data: bytes | None) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (data or b"").decode().splitlines() if line]


def unreadable(name: str, reason: str) -> Refusal:
    return bad_data(
        f"{name} 的逐文档得分读不出（{reason}）；请重新运行它的 evaluate 阶段",
        f"the scores of {name} cannot be read ({reason}); run its evaluate stage again",
    )


def no_scores(name: str) -> Refusal:
    return bad_data(
        f"{name} 没有逐文档得分（scores/test.parquet）；请运行它的 evaluate 阶段，"
        "或用 dvc fetch、dvc pull 取回",
        f"{name} has no scores of documents (scores/test.parquet); run its evaluate stage, or bring"
        " them back with dvc fetch or dvc pull",
    )
