"""Runs and versions as a person names them, and what MLflow holds of them."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from xuxie.track.connection import connect, experiment_id
from xuxie.track.events import find_run
from xuxie.track.outage import unreachable
from xuxie.track.settings import TrackSettings
from xuxie.track.stored import artifact_hash


@dataclass(frozen=True)
class Found:
    """A run: how it is called, what it was told, and what it was given as tags."""

    run_id: str
    name: str
    params: dict[str, str]
    tags: dict[str, str]


class Lookup:
    """Reads one MLflow store.

    Raises:
        Refusal: (exit code 69) the store cannot be reached.
    """

    def __init__(self, settings: TrackSettings) -> None:
        self.settings = settings
        try:
            self.client: MlflowClient = connect()
            self.experiment = experiment_id(self.client, settings.experiment)
        except MlflowException as error:
            raise unreachable(error) from error

    def run(self, word: str) -> Found | None:
        """The run with this id, or else the latest with this name."""
        try:
            return found(self.client.get_run(word))
        except MlflowException:  # no such id
            pass
        name = word.replace("'", "")
        runs = self.client.search_runs(
            [self.experiment],
            filter_string=f"attributes.run_name = '{name}'",
            order_by=["attributes.start_time DESC"],
            max_results=1,
        )
        return found(runs[0]) if runs and name == word else None

    def version(self, name: str, number: str) -> Found | None:
        """The run that trained a version of a registered model; of ours where `name` is empty."""
        try:
            version = self.client.get_model_version(name or self.settings.model, number)
        except MlflowException:  # no such version
            return None
        return self.run(version.tags.get("run") or version.run_id or "")

    def trained(self, fingerprint: str) -> Found | None:
        """The latest run that trained the model with this fingerprint."""
        run_id = find_run(self.client, self.experiment, fingerprint)
        return self.run(run_id) if run_id else None

    def artifact(self, run_id: str, path: str) -> bytes | None:
        """A file that the run logged, such as `scores/test.parquet`; None where there is none."""
        listed = self.client.list_artifacts(run_id, str(Path(path).parent))
        if path not in {item.path for item in listed}:
            return None
        with tempfile.TemporaryDirectory() as folder:
            return Path(self.client.download_artifacts(run_id, path, folder)).read_bytes()

    def curve(self, run_id: str, metric: str) -> list[tuple[int, float]]:
        """Step and value of each point of a metric."""
        history = self.client.get_metric_history(run_id, metric)
        return sorted({point.step: point.value for point in history}.items())

    def attach(self, run_id: str, path: Path, folder: str, tags: dict[str, str]) -> None:
        """Log a file to a run that is over, and give it tags."""
        self.client.log_artifact(run_id, str(path), folder)
        for key, value in (tags | artifact_hash(path, folder)).items():
            self.client.set_tag(run_id, key, value)


def found(run: Run) -> Found:
    return Found(run.info.run_id, run.info.run_name, dict(run.data.params), dict(run.data.tags))
