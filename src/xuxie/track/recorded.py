"""What runs and registered models recorded about how they were made."""

import tempfile
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from xuxie.track.outage import unreachable
from xuxie.track.record import FOLDER, RecordedRun
from xuxie.track.settings import TrackSettings
from xuxie.track.stored import reading


def recorded_run(settings: TrackSettings, what: str) -> RecordedRun | None:
    """The run with this id or name, or behind this version (`NAME/3`, `3`); None if there is none.

    Of runs with one name the latest.

    Raises:
        Refusal: (exit code 69) MLflow cannot be reached.
    """
    try:
        client = reading()
        run = found_run(client, settings, what) if client else None
        return with_files(client, run) if client and run else None
    except MlflowException as error:
        raise unreachable(error) from error


def found_run(client: MlflowClient, settings: TrackSettings, what: str) -> Run | None:
    name, _, version = what.rpartition("/")
    if version.isdigit():
        wanted = f"name = '{name or settings.model}' and version_number = {int(version)}"
        if found := client.search_model_versions(wanted):
            return client.get_run(found[0].run_id)
    experiment = client.get_experiment_by_name(settings.experiment)
    if experiment is None or not set(what).isdisjoint("'\"`"):
        return None
    for field in ("attributes.run_id", "attributes.run_name"):
        runs = client.search_runs(
            [experiment.experiment_id],
            filter_string=f"{field} = '{what}'",
            order_by=["attributes.start_time DESC"],
            max_results=1,
        )
        if runs:
            return runs[0]
    return None


def with_files(client: MlflowClient, run: Run) -> RecordedRun:
    run_id = str(run.info.run_id)
    files: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as folder:
        if client.list_artifacts(run_id, FOLDER):
            top = Path(client.download_artifacts(run_id, FOLDER, folder))
            paths = [path for path in sorted(top.rglob("*")) if path.is_file()]
            files = {path.relative_to(top).as_posix(): path.read_bytes() for path in paths}
    return RecordedRun(run_id, str(run.info.run_name), dict(run.data.tags), files)
