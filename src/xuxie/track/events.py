"""What a run tells MLflow, as plain entries of a log, and how each is carried out there."""

from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

from xuxie.track.logged import log_model
from xuxie.track.stored import artifact_hash, seal_models

FINGERPRINT = "xuxie.fingerprint"
Event = dict[str, Any]


class Recorder:
    """Carries events out, in order, on one run of MLflow.

    Args:
        experiment: id of the experiment.
        run_id: of a run that an earlier attempt began, or None.
    """

    def __init__(self, client: MlflowClient, experiment: str, run_id: str | None) -> None:
        self.client, self.experiment, self.run_id = client, experiment, run_id

    def carry_out(self, event: Event) -> None:
        match event["kind"]:
            case "begin":
                self.begin(event)
            case "join":
                self.run_id = find_run(self.client, self.experiment, event["fingerprint"])
            case _ if self.run_id is None:
                pass  # the model's run is not in this store: nothing to join, no phantom made
            case "metrics":
                self.metrics(event)
            case "tags":
                self.tags(event["values"])
            case "artifact":
                self.client.log_artifact(self.run_id, event["path"], event["folder"])
                self.tags(artifact_hash(Path(event["path"]), event["folder"]))
            case "model":
                log_model(self.run_id, self.experiment, Path(event["path"]))
                seal_models(self.client, self.experiment, self.run_id)
            case "end":
                self.client.set_terminated(self.run_id, event["status"])

    def begin(self, event: Event) -> None:
        if self.run_id is None:
            run = self.client.create_run(
                self.experiment, start_time=event["time"], run_name=event["name"]
            )
            self.run_id = run.info.run_id
        else:
            self.client.update_run(self.run_id, status="RUNNING")
        params = [Param(key, str(value)) for key, value in event["params"].items()]
        self.client.log_batch(self.run_id, params=params)
        self.tags(event["tags"])

    def metrics(self, event: Event) -> None:
        values = [
            Metric(key, value, event["time"], event["step"])
            for key, value in event["values"].items()
        ]
        self.client.log_batch(self.run_id, metrics=values)

    def tags(self, values: dict[str, str]) -> None:
        self.client.log_batch(self.run_id, tags=[RunTag(k, str(v)) for k, v in values.items()])


def find_run(client: MlflowClient, experiment: str, fingerprint: str) -> str | None:
    """The latest run that trained the model with this fingerprint."""
    found = client.search_runs(
        [experiment],
        filter_string=f"tags.`{FINGERPRINT}` = '{fingerprint}'",
        order_by=["attributes.start_time DESC"],
        max_results=1,
    )
    return str(found[0].info.run_id) if found else None
