"""Where the project keeps what it tells MLflow."""

import os
from pathlib import Path


def root() -> Path:
    """The project, also for an experiment that DVC runs in a temporary checkout."""
    return Path(os.environ.get("DVC_ROOT", ".")).resolve()


def logs() -> Path:
    """One folder a run: its events, and how far they were sent."""
    return root() / "runs" / "tracking"


def tracking_uri() -> str:
    """A server named in the environment, or a database in the project."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{root() / 'mlflow.db'}"
