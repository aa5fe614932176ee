"""A model directory as MLflow keeps it: loadable, and served by `mlflow models serve`."""

import warnings
from importlib.metadata import version
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.entities import LoggedModelStatus
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema

# What a request may set, with the defaults of an unset one.
PARAMETERS = {
    "min_new_tokens": (DataType.long, 20),
    "max_new_tokens": (DataType.long, 50),
    "temperature": (DataType.double, 0.8),
    "top_k": (DataType.long, 50),
    "top_p": (DataType.double, 0.95),
    "repetition_penalty": (DataType.double, 1.1),
    "seed": (DataType.long, 1),
}


def log_model(client: MlflowClient, run_id: str, experiment: str, directory: Path) -> None:
    """Log a model directory so that `mlflow models serve` continues prompts with it.

    Once a run: what another attempt has logged whole stays, what it left half is removed.
    """
    found = client.search_logged_models([experiment], f"source_run_id = '{run_id}'")
    if any(model.status == LoggedModelStatus.READY for model in found):
        return
    for model in found:
        client.delete_logged_model(model.model_id)
    write_model(run_id, experiment, directory)


def write_model(run_id: str, experiment: str, directory: Path) -> None:
    """The requirements are given: guessing them would load the model and reach for the network."""
    mlflow.set_experiment(experiment_id=experiment)
    with mlflow.start_run(run_id=run_id), warnings.catch_warnings():
        # The signature is given; an example would have to load the model.
        warnings.filterwarnings("ignore", message=".*input example was not provided.*")
        mlflow.pyfunc.log_model(
            name="model",
            python_model=str(Path(__file__).with_name("served.py")),
            artifacts={"model": str(directory)},
            signature=signature(),
            pip_requirements=[f"{name}=={version(name)}" for name in ("torch", "transformers")],
        )


def signature() -> ModelSignature:
    return ModelSignature(
        inputs=Schema([ColSpec(DataType.string, "prompt")]),
        outputs=Schema([ColSpec(DataType.string)]),
        params=ParamSchema([ParamSpec(k, kind, value) for k, (kind, value) in PARAMETERS.items()]),
    )
