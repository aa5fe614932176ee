"""Registered models: one version for each model that was trained."""

from collections.abc import Mapping

import mlflow
from mlflow import MlflowClient
from mlflow.entities import LoggedModel, LoggedModelStatus
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from xuxie.errors import ExitCode, Refusal
from xuxie.track.champion import Champion, mirror
from xuxie.track.connection import connect, experiment_id
from xuxie.track.events import FINGERPRINT, find_run
from xuxie.track.outage import unreachable
from xuxie.track.settings import TrackSettings

# MLflow 3.17 leaves `model_id` of a version empty; its source names the model.
LOGGED = "models:/"


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
    for version in client.search_model_versions(wanted):
        if is_whole(client, version):
            return str(version.version)
    run_id = find_run(client, experiment, fingerprint)
    models = (
        client.search_logged_models([experiment], f"source_run_id = '{run_id}'") if run_id else []
    )
    whole = [model for model in models if is_logged(client, model)]
    if not whole:
        raise nothing_logged(fingerprint)
    tags = {FINGERPRINT: fingerprint, "run": str(run_id)}
    return str(mlflow.register_model(whole[0].model_uri, name, tags=tags).version)


def is_whole(client: MlflowClient, version: ModelVersion) -> bool:
    """Whether the model behind a version was logged to its end, and its files are there.

    What somebody has registered from a folder is not ours to judge.
    """
    model_id = version.source.removeprefix(LOGGED)
    if model_id == version.source:
        return True
    try:
        logged = client.get_logged_model(model_id)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return False
        raise
    return is_logged(client, logged)


def is_logged(client: MlflowClient, model: LoggedModel) -> bool:
    """Whether a model was logged to its end and its files are still there."""
    return model.status == LoggedModelStatus.READY and bool(
        client.list_logged_model_artifacts(model.model_id)
    )


def half_registered(settings: TrackSettings) -> list[str]:
    """Versions whose model is not whole: nobody can load them.

    Raises:
        Refusal: (exit code 69) MLflow is out of reach.
    """
    try:
        client = connect()
        found = client.search_model_versions(f"name = '{settings.model}'", max_results=10_000)
        return [str(version.version) for version in found if not is_whole(client, version)]
    except MlflowException as error:
        raise unreachable(error) from error


def unregister(settings: TrackSettings, version: str) -> None:
    """Raises Refusal (exit code 69) where MLflow is out of reach."""
    try:
        connect().delete_model_version(settings.model, version)
    except MlflowException as error:
        raise unreachable(error) from error


def nothing_logged(fingerprint: str) -> Refusal:
    return Refusal(
        ExitCode.UNAVAILABLE,
        f"MLflow 里没有训练出模型 {fingerprint[:12]} 的运行；先运行 xuxie sync，或重新训练",
        f"MLflow has no run that trained model {fingerprint[:12]}; run xuxie sync, or retrain",
    )
