"""Plans run where the settings say, in order and within their memory."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import daft
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from daft import DataType, col
from daft.functions import monotonically_increasing_id

from xuxie.config import Config
from xuxie.engine.session import ORDER, Work, batch_rows, on_column, rows_in_order, start
from xuxie.engine.settings import EngineSettings
from xuxie.errors import Refusal

Settings = Callable[..., Config]


def engine(settings: Settings, *overrides: str) -> EngineSettings:
    return settings(*(f"engine.{override}" for override in overrides)).engine


def counting(extra: int) -> Work:
    return lambda texts: pa.array([len(text) + extra for text in texts], pa.int64())


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """5,000 texts of growing length."""
    path = tmp_path / "texts.parquet"
    column = pa.array(["渡口" * (number % 300) for number in range(5000)])
    pq.write_table(pa.table({"text": column}), path, row_group_size=700)
    return path


def test_every_row_comes_back_in_its_place(settings: Settings, texts: Path) -> None:
    # With two workers: tests/pipeline, in a process of its own, as a stage runs.
    chosen = engine(settings, "workers=1")
    length = on_column(partial(counting, 1), DataType.int64(), 512, chosen)
    frame = daft.read_parquet(str(texts)).with_column(ORDER, monotonically_increasing_id())
    tables = rows_in_order(frame.with_column("length", length(col("text"))).exclude("text"))
    found = [number for table in tables for number in table["length"].to_pylist()]
    assert found == [2 * (number % 300) + 1 for number in range(5000)]


def test_rows_out_of_order_are_an_error() -> None:
    frame = daft.from_pydict({ORDER: [0, 2, 1]})
    with pytest.raises(RuntimeError, match="out of order"):
        list(rows_in_order(frame))


def test_less_memory_means_fewer_texts_at_a_time(settings: Settings, texts: Path) -> None:
    rows = [batch_rows(texts, engine(settings, f"memory_mib={mib}")) for mib in (512, 600, 100_000)]
    assert rows[0] < rows[1] < rows[2] == 2048


def test_more_workers_take_fewer_texts_each(settings: Settings, texts: Path) -> None:
    few, many = (engine(settings, "memory_mib=512", f"workers={n}") for n in (1, 8))
    assert batch_rows(texts, few) > batch_rows(texts, many)


def test_a_cluster_without_ray_is_refused_with_what_to_install(settings: Settings) -> None:
    chosen = settings("engine=ray").engine
    with pytest.raises(Refusal, match=r"pip install 'xuxie\[ray\]'") as caught:
        start(chosen)
    assert caught.value.code == 69


@pytest.mark.parametrize(
    "overrides", [("engine=ray", "engine.address=''"), ("engine.address=auto",)]
)
def test_an_address_goes_with_a_cluster(settings: Settings, overrides: tuple[str, ...]) -> None:
    with pytest.raises(Refusal, match=r"engine must satisfy engine\.address"):
        settings(*overrides)
