"""Registered models: one version for each model that was trained."""

from collections.abc import Mapping

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from xuxie.errors import ExitCode, Refusal
from xuxie.track.champion import Champion, mirror
from xuxie.track.connection import connect, experiment_id
from xuxie.track.events import FINGERPRINT, find_run
from xuxie.track.outage import unreachable
from xuxie.track.settings import TrackSettings


def register(
    settings: TrackSettings, fingerprint: str, tags: Mapping[str, str] | None = None
) -> str:
    """The version of the registered model with this fingerprint, added where there is none.

    Args:
        tags: what else the version is to tell.

    Raises:
        Refusal: (exit code 69) no run in this store has logged that model, or it is out of reach.
    """
    try:
        client = connect()
        version = version_of(client, settings, fingerprint)
        for key, value in (tags or {}).items():
            client.set_model_version_tag(settings.model, version, key, value)
    except MlflowException as error:
        raise unreachable(error) from error
    return version


def mirror_aliases(settings: TrackSettings, found: Champion) -> bool:
    """Have MLflow's aliases name the champion and the one before; whether they did not yet.

    Raises:
        Refusal: (exit code 69) MLflow is out of reach.
    """
    try:
        return mirror(connect(), settings.model, found)
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
