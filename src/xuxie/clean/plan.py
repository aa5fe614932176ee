"""The dataframe plan of clean: the same expressions run in this process or on a cluster."""

from collections.abc import Callable
from pathlib import Path

import daft
from daft import DataFrame, Expression, Series, Window, col
from daft.functions import monotonically_increasing_id, row_number, when

from xuxie.clean.judge import Reason, judge
from xuxie.clean.normalise import normalise
from xuxie.clean.settings import CleanSettings

Column = Callable[[Expression], Expression]


def judged(documents: Path, settings: CleanSettings) -> DataFrame:
    """Every document of a Parquet file in its order, its text normalised, with a column `reason`.

    `reason` is empty for documents that stay. Of equal texts the first stays.
    """
    normal, verdict = text_functions(settings)
    frame = daft.read_parquet(str(documents)).with_column("ordinal", monotonically_increasing_id())
    frame = frame.with_column("text", normal(col("text")))
    frame = frame.with_column("reason", verdict(col("text")))
    if settings.deduplicate:
        same = Window().partition_by("reason", "text").order_by("ordinal")
        repeated: Expression = row_number().over(same) > daft.lit(1)
        repeated = repeated & (col("reason") == daft.lit(""))
        frame = frame.with_column(
            "reason", when(repeated, daft.lit(Reason.DUPLICATE.value)).otherwise(col("reason"))
        )
    return frame.sort("ordinal").exclude("ordinal")


def text_functions(settings: CleanSettings) -> tuple[Column, Column]:
    """`normalise` and `judge` as functions of columns."""

    @daft.func.batch(return_dtype=daft.DataType.string())
    def normal(texts: Series) -> list[str]:
        return [normalise(text) for text in texts.to_pylist()]

    @daft.func.batch(return_dtype=daft.DataType.string())
    def verdict(texts: Series) -> list[str]:
        return [judge(text, settings) or "" for text in texts.to_pylist()]

    return normal, verdict
