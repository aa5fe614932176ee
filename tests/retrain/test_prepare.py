"""Whole retrainings up to their judgement, in a project of the smoke experiment: real processes,
real git, dvc and MLflow."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import corpus
from checkout import Checkout
from xuxie.errors import ExitCode
from xuxie.retrain.places import champion
from xuxie.store.directories import whole_directory
from xuxie.store.manifest import MANIFEST, fingerprint_of
from xuxie.track.outputs import files_below, md5_of

pytestmark = pytest.mark.slow

# `xuxie retrain` without what comes after a training.
DRIVER = """\
import json, sys
from pathlib import Path
from xuxie import config
from xuxie.entry import exit_codes, set_environment
from xuxie.stopping import listen_for_signals
from xuxie.retrain.due import Answer
from xuxie.retrain.places import WORKTREE
from xuxie.retrain.prepare import NothingDue, Wish, prepare
from xuxie.retrain.process import clear
from xuxie.retrain.turn import turn
set_environment()
with exit_codes():
    listen_for_signals()
    project, strategy = Path().resolve(), sys.argv[1]
    wish = Wish(force="--force" in sys.argv, strategy=strategy, trigger="schedule")
    with turn(project, wait=False):
        clear(project / WORKTREE)
        found = prepare(project, config.load(Path("params.yaml")), wish, print)
        told = {"nothing": isinstance(found, NothingDue)}
        if isinstance(found, NothingDue):
            told |= {"id": found.id, "codes": [reason.code for reason in found.reasons]}
        else:
            job = found.job
            told |= {"id": job.id, "codes": [line[0] for line in job.reasons], "told": job.told,
                "notes": [line[0] for line in job.notes], "lineage": found.challenger.lineage,
                "fingerprint": found.challenger.fingerprint, "slower": found.slower,
                "model": str(found.challenger.model), "documents": len(found.challenger.scores)}
            if found.champion:
                told["champion"] = len(found.champion.scores)
        Path("found.json").write_text(json.dumps(told))
"""


@dataclass(frozen=True)
class Project:
    checkout: Checkout

    @property
    def folder(self) -> Path:
        return self.checkout.folder

    def prepare(self, *words: str, code: int = 0) -> dict[str, Any]:
        """One run of the driver; what it found, and under `printed` what it said."""
        (self.folder / "found.json").unlink(missing_ok=True)
        done = self.checkout.run("python", "-c", DRIVER, *words, code=code, PYTHONPATH="src")
        if code:
            return {"printed": done.stdout + done.stderr}
        found: dict[str, Any] = json.loads((self.folder / "found.json").read_text())
        return found | {"printed": done.stdout}

    def start(self, *words: str) -> "subprocess.Popen[str]":
        return self.checkout.start("python", "-c", DRIVER, *words, PYTHONPATH="src")

    def crown(self, found: dict[str, Any]) -> None:
        """Make the challenger champion, as a promotion does; the job is over."""
        place = self.folder / "runs/champion"
        version = f"v{len(list(place.glob('v*'))) + 1}"
        with whole_directory(place / version) as folder:
            own = shutil.ignore_patterns(MANIFEST, "COMPLETE")
            shutil.copytree(found["model"], folder, ignore=own, dirs_exist_ok=True)
        pointer = {
            "version": version[1:],
            "fingerprint": found["fingerprint"],
            "folder": f"runs/champion/{version}",
            "serial": 1,
        }
        (place / "champion.json").write_text(json.dumps(pointer))
        self.finish()

    def finish(self) -> None:
        (self.folder / "runs/retrain/job.json").unlink(missing_ok=True)

    def write(self, name: str, law: str, count: int) -> None:
        """A new law among the team's own files."""
        lines = [
            json.dumps(
                {"text": text, "source": "statutes", "group": law, "position": number},
                ensure_ascii=False,
            )
            for number, text in enumerate(corpus.articles(law, count))
        ]
        (self.folder / "data/raw" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def workspace(self) -> dict[str, str]:
        """Every file that a user has there, by its MD5; not what is ours to write."""
        ours = ("runs", "mlflow.db", "mlartifacts", "found.json", ".dvc", ".git")
        paths = files_below(self.folder)
        names = {p.relative_to(self.folder): p for p in paths}
        return {str(n): md5_of(p) for n, p in names.items() if not n.parts[0].startswith(ours)}


@pytest.fixture(scope="module")
def project(
    first_run: tuple[Checkout, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """A copy of the project after its first run, whose files need not lie still."""
    folder = tmp_path_factory.mktemp("retrain") / "project"
    shutil.copytree(first_run[0].folder, folder, symlinks=True)
    made = Project(Checkout(folder, first_run[0].packages))
    for name, value in {"quiet_minutes": "5.0", "min_characters": "20000"}.items():
        low = {"quiet_minutes": "0.0", "min_characters": "2000"}[name]
        made.checkout.edit("conf/retrain/default.yaml", f"{name}: {value}", f"{name}: {low}")
    made.checkout.edit("conf/retrain/default.yaml", "free_disk_mib: 2048", "free_disk_mib: 1")
    made.checkout.edit("conf/retrain/default.yaml", "free_memory_mib: 1024", "free_memory_mib: 1")
    made.checkout.edit(
        "conf/train/default.yaml", "checkpoint_seconds: 60.0", "checkpoint_seconds: 0"
    )
    made.checkout.run("dvc", "repro", "params")
    made.checkout.run("git", "commit", "--quiet", "--all", "--message", "eager retraining")
    yield made


def test_the_first_challenger_is_the_workspaces_model_out_of_the_cache(project: Project) -> None:
    before = project.workspace()
    found = project.prepare("auto")
    assert found["codes"] == ["no_champion"]
    assert found["fingerprint"] == fingerprint_of(project.folder / "models/gpt")
    assert found["told"]["way"] == "scratch"
    assert "stage train" not in found["printed"]
    assert found["lineage"]["trigger"] == "schedule"
    assert project.workspace() == before
    project.crown(found)


def test_nothing_new_is_told_without_a_checkout(project: Project) -> None:
    found = project.prepare("auto")
    assert (found["nothing"], found["id"], found["codes"]) == (True, "", ["unchanged"])
    (project.folder / "data/raw/empty.txt").write_text("\n")
    found = project.prepare("auto")
    assert (found["nothing"], found["codes"]) == (True, ["no_new_text"])


def test_too_little_is_looked_at_once(project: Project) -> None:
    (project.folder / "data/raw/empty.txt").unlink()
    project.write("little.jsonl", "虚构小镇渡口办法", 3)
    first = project.prepare("auto")
    assert (first["nothing"], first["codes"]) == (True, ["too_little"])
    assert first["id"]
    assert not (project.folder / "runs/retrain/worktree").exists()
    again = project.prepare("auto")
    assert (again["nothing"], again["id"], again["codes"]) == (True, "", ["too_little"])


def test_a_killed_retraining_goes_on_with_its_snapshot(project: Project) -> None:
    before = project.workspace()
    for number in range(12):
        project.write(f"new-{number}.jsonl", f"虚构新城第{number}号条例", 8)
    team = project.workspace()
    process = project.start("auto")
    trainings = project.folder / "runs/retrain/worktree/runs/train"
    wait_for(lambda: any(trainings.glob("*/step-*")), process)
    [job] = (project.folder / "runs/retrain/jobs").glob("*/raw.json")
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    project.write("later.jsonl", "虚构后来条例", 30)
    busy = project.prepare("auto")
    assert "going on with retraining" in busy["printed"]
    assert busy["id"] == job.parent.name
    log = (job.parent / "log.txt").read_text()
    assert "training goes on from step" in log
    assert busy["codes"][0] == "new_text"
    assert busy["notes"] == ["newer_data"]
    assert busy["told"]["ways"] == ["continue", "scratch"]
    assert busy["documents"] == busy["champion"] > 0
    assert busy["slower"] > 0
    (project.folder / "data/raw/later.jsonl").unlink()
    assert project.workspace() == team
    assert before.items() <= team.items()


def wait_for(condition: Any, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 300
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_run_has_its_name_its_trigger_and_the_champion_as_its_start(project: Project) -> None:
    found = project.prepare("auto")
    project.crown(found)
    name = f"retrain-{found['id']}"
    runs = dict(project.checkout.query("SELECT name, run_uuid FROM runs"))  # type: ignore[arg-type]
    mine = [runs[key] for key in runs if key.startswith(name)]
    assert mine
    tags = project.checkout.query(f"SELECT key, value FROM tags WHERE run_uuid = '{mine[0]}'")
    assert ("trigger", "schedule") in tags
    ruling = champion(project.folder)
    assert ruling is not None
    assert ruling.version == "2"


def test_arrivals_go_on_from_the_champions(project: Project) -> None:
    import pyarrow.parquet as pq

    ruling = champion(project.folder)
    assert ruling is not None
    place = project.folder / "runs/retrain/bases" / ruling.fingerprint / "arrivals"
    numbers = pq.read_table(place / "arrivals.parquet")["arrival"].to_pylist()
    workspace = project.folder / "data/arrivals/arrivals.parquet"
    old = pq.read_table(workspace)["arrival"].to_pylist()
    assert set(numbers) == {1, 2}
    assert numbers.count(1) == len(old)


def test_a_stop_by_signal_can_be_gone_on_with(project: Project) -> None:
    for number in range(12):
        project.write(f"third-{number}.jsonl", f"虚构三期第{number}号条例", 8)
    process = project.start("scratch")
    wait_for(lambda: (project.folder / "runs/retrain/worktree/dvc.lock").exists(), process)
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    assert process.returncode == ExitCode.TERMINATED
    found = project.prepare("continue")
    assert found["told"]["way"] == "scratch"
    project.finish()


def test_a_failed_stage_is_told_with_its_code_and_given_up_when_the_data_change(
    project: Project,
) -> None:
    bad = project.folder / "data/raw/bad.csv"
    bad.write_bytes(b"text\n\xff\xfe\xfa\xfb\n")
    failed = project.prepare("scratch", code=ExitCode.DATA)
    assert "stage ingest (exit code 65)" in failed["printed"]
    again = project.prepare("scratch", code=ExitCode.DATA)
    assert "going on with" in again["printed"]
    bad.unlink()
    found = project.prepare("scratch")
    assert "giving up the failed retraining" in found["printed"]
    assert not found["nothing"]
