"""Starts Daft where the settings say, and hands out the rows of a plan in their order."""

from collections.abc import Callable, Iterator
from pathlib import Path

import daft
import pyarrow as pa
import pyarrow.parquet as pq
from daft import DataFrame, DataType, Expression, Series

from xuxie.engine.cluster import connect, ray_or_refusal
from xuxie.engine.nodes import watch
from xuxie.engine.settings import EngineSettings

# Bytes in use for each byte of text that a worker holds, measured on 1 GB of Chinese: code points,
# n-grams and their order as 64-bit numbers, copies on the way between processes.
FOOTPRINT = 400
MOST_ROWS = 2048
ORDER = "place"

Work = Callable[[list[str]], pa.Array]


def start(settings: EngineSettings) -> None:
    """Let plans run where `settings` say; the first call in a process decides."""
    if settings.kind == "native":
        return
    ray = ray_or_refusal()
    connect(ray, settings.address)
    daft.set_runner_ray(noop_if_initialized=True)
    watch(ray, settings)


def batch_rows(parquet: Path, settings: EngineSettings) -> int:
    """How many documents a worker takes at a time, so that the whole stays within memory_mib."""
    metadata = pq.read_metadata(parquet)
    size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    mean = max(1, int(size) // max(1, int(metadata.num_rows)))
    room = settings.memory_mib * 2**20 // (FOOTPRINT * (settings.workers + 1))
    return max(1, min(MOST_ROWS, room // mean))


def on_column(
    prepare: Callable[[], Work], returns: DataType, rows: int, settings: EngineSettings
) -> Callable[[Expression], Expression]:
    """Work on lists of texts as a function of a column of texts.

    Args:
        prepare: called once in each worker, a process of its own; makes the function that turns
            texts into an Arrow array of type `returns`. Must be picklable.
        rows: texts at a time.
    """

    class Worker:
        def __init__(self) -> None:
            self.work = prepare()

        @daft.method.batch(return_dtype=returns, batch_size=rows)
        def on_column(self, texts: Series) -> pa.Array:
            return self.work(texts.to_pylist())

    concurrency = width(settings)
    parallel = settings.kind == "ray" or concurrency > 1
    made = daft.cls(
        Worker, use_process=parallel, max_concurrency=concurrency if parallel else None
    )()
    column: Callable[[Expression], Expression] = made.on_column
    return column


def width(settings: EngineSettings) -> int:
    """Workers at the same time: no more than the cluster has processors, or Daft waits for ever."""
    if settings.kind == "native":
        return settings.workers
    import ray

    return max(1, min(settings.workers, int(ray.cluster_resources().get("CPU", 1))))


def rows_in_order(frame: DataFrame) -> Iterator[pa.Table]:
    """The rows of a plan with a growing column `place`, which is taken off.

    Raises:
        RuntimeError: the engine lost the order.
    """
    last = -1
    for batch in frame.to_arrow_iter():
        table = pa.Table.from_batches([batch])
        places = table[ORDER].to_numpy()
        if len(places) and (places[0] <= last or (places[1:] <= places[:-1]).any()):
            raise RuntimeError("the engine returned rows out of order")
        last = int(places[-1]) if len(places) else last
        yield table.drop_columns([ORDER])
