"""A client to MLflow's store, which is created on first use."""

import os

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from xuxie.store.lock import held
from xuxie.track.described import experiment_tags
from xuxie.track.place import root, tracking_uri


def connect() -> MlflowClient:
    """A client whose store exists. Creating a database is left to one process at a time:

    of three that began at once, two failed in its migrations. MLflow's own retries are off: they
    repeat a request whose answer was lost, and a run created twice is two runs.
    """
    os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
    mlflow.set_tracking_uri(tracking_uri())
    mlflow.set_registry_uri(tracking_uri())
    client = MlflowClient()
    with held(root() / "runs" / "mlflow.lock", wait=True):
        client.search_experiments(max_results=1)
    return client


def experiment_id(client: MlflowClient, name: str) -> str:
    """The experiment of this name, created where there is none, with a description.

    Beside a database in the project lie the artifacts; a server has its own place for them.

    Raises:
        MlflowException: somebody has deleted the experiment.
    """
    with held(root() / "runs" / "mlflow.lock", wait=True):
        found = client.get_experiment_by_name(name)
        if found is None:
            local = tracking_uri().startswith("sqlite:")
            place = (root() / "mlartifacts").as_uri() if local else None
            found = client.get_experiment(client.create_experiment(name, artifact_location=place))
        if found.lifecycle_stage == "deleted":
            raise MlflowException(f"experiment {name} is deleted; restore it or name another")
        for tag, value in experiment_tags().items():
            if tag not in found.tags:
                client.set_experiment_tag(found.experiment_id, tag, value)
        return str(found.experiment_id)
