"""A client to MLflow's store, which is created on first use."""

import mlflow
from mlflow import MlflowClient

from xuxie.store.lock import held
from xuxie.track.place import root, tracking_uri


def connect() -> MlflowClient:
    """A client whose store exists. Creating a database is left to one process at a time:

    of three that began at once, two failed in its migrations.
    """
    mlflow.set_tracking_uri(tracking_uri())
    mlflow.set_registry_uri(tracking_uri())
    client = MlflowClient()
    with held(root() / "runs" / "mlflow.lock", wait=True):
        client.search_experiments(max_results=1)
    return client


def experiment_id(client: MlflowClient, name: str) -> str:
    """The experiment of this name, created where there is none.

    Beside a database in the project lie the artifacts; a server has its own place for them.
    """
    with held(root() / "runs" / "mlflow.lock", wait=True):
        if found := client.get_experiment_by_name(name):
            return str(found.experiment_id)
        local = tracking_uri().startswith("sqlite:")
        place = (root() / "mlartifacts").as_uri() if local else None
        return str(client.create_experiment(name, artifact_location=place))
