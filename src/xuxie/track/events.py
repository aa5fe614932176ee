"""What a run tells MLflow, as plain entries of a log, and how each is carried out there.

Each may be carried out twice: the answer to the first time was lost, or this process was killed
before it noted it. The second time changes nothing. Of metrics MLflow's store keeps one row for
each name, step, time and value, and the time stands in the log.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag

from xuxie.store.lock import held
from xuxie.track.logged import log_model
from xuxie.track.outage import Missing
from xuxie.track.place import root
from xuxie.track.spool import Event
from xuxie.track.stored import artifact_hash, seal_models

FINGERPRINT = "xuxie.fingerprint"
LOG = "xuxie.log"
TABLES = "mlflow.loggedArtifacts"


class Recorder:
    """Carries events out, in order, on one run of MLflow.

    Args:
        experiment: id of the experiment.
        run_id: of a run that an earlier attempt began, or None.
        folder: of the log; its name marks the run.
    """

    def __init__(
        self, client: MlflowClient, experiment: str, run_id: str | None, folder: Path
    ) -> None:
        self.client, self.experiment, self.run_id = client, experiment, run_id
        self.folder = folder

    def carry_out(self, events: list[Event]) -> None:
        """One event, or several of metrics."""
        event = events[0]
        match event["kind"]:
            case "begin":
                self.begin(event)
            case "join":
                self.run_id = find_run(self.client, self.experiment, event["fingerprint"])
            case _ if self.run_id is None:
                pass  # the model's run is not in this store: nothing to join, no phantom made
            case "metrics":
                self.client.log_batch(self.run_id, metrics=points(events))
            case "tags":
                self.tags(event["values"])
            case "dataset":
                self.dataset(event)
            case "artifact":
                self.artifact(event)
            case "table":
                self.table(event)
            case "model":
                log_model(self.client, self.run_id, self.experiment, self.file(event))
                seal_models(self.client, self.experiment, self.run_id)
            case "end":
                self.client.set_terminated(self.run_id, event["status"], event["time"])

    def begin(self, event: Event) -> None:
        tags = event["tags"] | {LOG: self.folder.name}
        if event.get("sweep"):
            tags["mlflow.parentRunId"] = self.sweep(event["sweep"], event["time"])
        self.run_id = self.run_id or self.run_of(self.folder.name)
        if self.run_id is None:
            run = self.client.create_run(
                self.experiment,
                start_time=event["time"],
                run_name=event["name"],
                tags={LOG: tags[LOG]},
            )
            self.run_id = str(run.info.run_id)
        else:
            self.client.update_run(self.run_id, status="RUNNING")
        self.params(event["params"])
        self.tags(tags)

    def run_of(self, log: str) -> str | None:
        """The run that an attempt whose answer was lost has created."""
        return newest(self.client, self.experiment, LOG, log)

    def sweep(self, name: str, moment: int) -> str:
        """The run under which the trials of a sweep stand; several begin at once."""
        with held(root() / "runs" / "mlflow.lock", wait=True):
            found = newest(self.client, self.experiment, LOG, f"sweep {name}")
            if found is None:
                tags = {LOG: f"sweep {name}", "xuxie.sweep": name}
                run = self.client.create_run(
                    self.experiment, start_time=moment, run_name=name, tags=tags
                )
                found = str(run.info.run_id)
            self.client.set_terminated(found, "FINISHED")
            return found

    def params(self, values: dict[str, Any]) -> None:
        """MLflow never lets go of a value: what another attempt ran with stands in a tag."""
        known = self.client.get_run(self.run_id).data.params
        texts = {key: str(value) for key, value in values.items()}
        fresh = [Param(key, text) for key, text in texts.items() if key not in known]
        for first in range(0, len(fresh), 100):
            self.client.log_batch(self.run_id, params=fresh[first : first + 100])
        changed = {key: text for key, text in texts.items() if known.get(key, text) != text}
        self.tags({f"later.{key}": text for key, text in changed.items()})

    def tags(self, values: dict[str, str]) -> None:
        self.client.log_batch(self.run_id, tags=[RunTag(k, str(v)) for k, v in values.items()])

    def dataset(self, event: Event) -> None:
        data = Dataset(
            name=event["name"],
            digest=event["digest"],
            source_type="dvc",
            source=json.dumps({"path": event["name"], "md5": event["digest"]}),
            profile=json.dumps(event["profile"], ensure_ascii=False),
        )
        context = InputTag("mlflow.data.context", event["context"])
        self.client.log_inputs(self.run_id, [DatasetInput(data, [context])])

    def artifact(self, event: Event) -> None:
        file = self.file(event)
        self.client.log_artifact(self.run_id, str(file), event["folder"])
        self.tags(artifact_hash(file, event["folder"]))

    def table(self, event: Event) -> None:
        """Rows that the UI shows as a table, also side by side for several runs.

        Not through `log_table`, which appends to what an earlier time has written.
        """
        path = Path(event["path"])
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / path.name
            content = {"columns": event["columns"], "data": event["rows"]}
            file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
            self.client.log_artifact(self.run_id, str(file), str(path.parent))
            self.tags(artifact_hash(file, str(path.parent)))
        tables = json.loads(self.client.get_run(self.run_id).data.tags.get(TABLES, "[]"))
        entry = {"path": str(path), "type": "table"}
        if entry not in tables:
            self.tags({TABLES: json.dumps([*tables, entry])})

    def file(self, event: Event) -> Path:
        path = self.folder / str(event["file"])
        if not path.exists():
            raise Missing(str(path))
        return path


def points(events: list[Event]) -> list[Metric]:
    return [
        Metric(key, value, event["time"], event["step"])
        for event in events
        for key, value in event["values"].items()
    ]


def find_run(client: MlflowClient, experiment: str, fingerprint: str) -> str | None:
    """The latest run that trained the model with this fingerprint."""
    return newest(client, experiment, FINGERPRINT, fingerprint)


def newest(client: MlflowClient, experiment: str, tag: str, value: str) -> str | None:
    """The latest run with this tag."""
    found = client.search_runs(
        [experiment],
        filter_string=f"tags.`{tag}` = '{value}'",
        order_by=["attributes.start_time DESC"],
        max_results=1,
    )
    return str(found[0].info.run_id) if found else None
