"""Registered models: one version for each model that was trained."""

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from xuxie.errors import ExitCode, Refusal
from xuxie.track.connection import connect, experiment_id
from xuxie.track.events import FINGERPRINT, find_run
from xuxie.track.outage import unreachable
from xuxie.track.settings import TrackSettings


def register(settings: TrackSettings, fingerprint: str) -> str:
    """The version of the registered model with this fingerprint, added where there is none.

    Raises:
        Refusal: (exit code 69) no run in this store has logged that model, or it is out of reach.
    """
    try:
        return version_of(connect(), settings, fingerprint)
    except MlflowException as error:
        raise unreachable(error) from error


def version_of(client: MlflowClient, settings: TrackSettings, fingerprint: str) -> str:
    experiment = experiment_id(client, settings.experiment)
    name = settings.model
    wanted = f"name = '{name}' and tags.`{FINGERPRINT}` = '{fingerprint}'"
    if found := client.search_model_versions(wanted):
        return str(found[0].version)
    run_id = find_run(client, experiment, fingerprint)
    models = (
        client.search_logged_models([experiment], f"source_run_id = '{run_id}'") if run_id else []
    )
    if not models:
        raise nothing_logged(fingerprint)
    tags = {FINGERPRINT: fingerprint, "run": str(run_id)}
    return str(mlflow.register_model(models[0].model_uri, name, tags=tags).version)


def nothing_logged(fingerprint: str) -> Refusal:
    return Refusal(
        ExitCode.UNAVAILABLE,
        f"MLflow 里没有训练出模型 {fingerprint[:12]} 的运行；先运行 xuxie sync，或重新训练",
        f"MLflow has no run that trained model {fingerprint[:12]}; run xuxie sync, or retrain",
    )
