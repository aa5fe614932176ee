"""A training that tells its run something, and what must have arrived of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlflow import MlflowClient

from xuxie.track.run import Run, training_run
from xuxie.track.settings import TrackSettings

STEPS = list(range(1, 41))


@contextmanager
def training(experiment: TrackSettings, report: Path) -> Iterator[Run]:
    told: dict[str, Any] = {"params": {"train.seed": 1}, "tags": {"who": "us"}}
    report.write_text("四点二")
    with training_run(experiment, name="first", key="first", **told) as run:
        run.artifact(report, "report")
        yield run


def tell(run: Run, steps: list[int]) -> None:
    for step in steps:
        run.metrics({"train/loss": 9 - step / 8, "train/rate": 0.5}, step=step)


def assert_arrived_once(client: MlflowClient, experiment: TrackSettings) -> None:
    """One run, FINISHED, with each point of each curve once and in order, and its report."""
    found = client.get_experiment_by_name(experiment.experiment)
    assert found is not None
    [run] = client.search_runs([found.experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.params == {"train.seed": "1"}
    assert run.data.tags["who"] == "us"
    for key, expected in (("train/loss", [9 - step / 8 for step in STEPS]), ("train/rate", [])):
        points = client.get_metric_history(run.info.run_id, key)
        assert [point.step for point in points] == STEPS
        assert [point.value for point in points] == (expected or [0.5] * len(STEPS))
    [report] = client.list_artifacts(run.info.run_id, "report")
    assert report.path == "report/report.html"
    assert report.file_size == len("四点二".encode())
