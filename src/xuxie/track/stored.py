"""The SHA-256 of what lies in MLflow's artifact store, in tags: MLflow keeps no checksum of it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse

import mlflow
from mlflow import MlflowClient

from xuxie.track.place import root, tracking_uri

PREFIX = "sha256."


@dataclass(frozen=True)
class Stored:
    """A file of the store, on this machine's disk.

    owner: the run's name, or the model's name and version.
    """

    path: Path
    sha256: str
    owner: str


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def artifact_hash(path: Path, folder: str) -> dict[str, str]:
    """The tag of a file that a run gets into `folder`."""
    return {f"{PREFIX}{folder}/{path.name}": sha256_of(path)}


def seal_models(client: MlflowClient, experiment: str, run_id: str | None) -> None:
    """Tag the models a run has logged; a store elsewhere, whose files are not at hand, is not."""
    for model in client.search_logged_models([experiment], f"source_run_id = '{run_id}'"):
        place = local_place(model.artifact_location)
        if place is not None:
            files = sorted(path for path in place.rglob("*") if path.is_file())
            tags = {PREFIX + file.relative_to(place).as_posix(): sha256_of(file) for file in files}
            client.set_logged_model_tags(model.model_id, tags)


def local_place(uri: str) -> Path | None:
    parts = urlparse(uri)
    return Path(unquote(parts.path)) if parts.scheme in ("", "file") else None


def reading() -> MlflowClient | None:
    """A client that leaves the project's files as they are; None where it has no store yet."""
    uri = tracking_uri()
    if uri.startswith("sqlite:") and not (root() / "mlflow.db").exists():
        return None
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    return MlflowClient()


def stored_files(experiment: str) -> Iterator[Stored]:
    """Every file of the experiment's runs and logged models whose hash was recorded."""
    client = reading()
    found = client.get_experiment_by_name(experiment) if client else None
    if client is None or found is None:
        return
    for run in client.search_runs([found.experiment_id], max_results=10_000):
        yield from tagged(run.info.artifact_uri, run.data.tags, run.info.run_name)
    versions = versions_of(client)
    for model in client.search_logged_models([found.experiment_id], max_results=10_000):
        name = versions.get(model.model_id, f"{model.name} {model.model_id}")
        yield from tagged(model.artifact_location, model.tags, name)


def tagged(uri: str, tags: dict[str, str], owner: str) -> Iterator[Stored]:
    place = local_place(uri)
    for key, value in sorted(tags.items()):
        if place is not None and key.startswith(PREFIX):
            yield Stored(place / key.removeprefix(PREFIX), value, owner)


def versions_of(client: MlflowClient) -> dict[str, str]:
    """`xuxie/3` for the id of each registered model's source."""
    return {
        version.source.rpartition("/")[2]: f"{version.name}/{version.version}"
        for version in client.search_model_versions(max_results=10_000)
        if version.source
    }
