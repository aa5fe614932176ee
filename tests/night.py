"""A smoke-sized project whose champion is retrained, and what must hold after each fault."""

import contextlib
import json
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import corpus
from checkout import Checkout
from waiting import wait_until
from xuxie.retrain.promotion.ledger import JOURNAL, entries
from xuxie.store.ledger import broken
from xuxie.store.manifest import verify
from xuxie.track.champion import Champion, champion
from xuxie.track.outputs import files_below, md5_of

# Small enough that a batch of a test is reason to train.
EAGER = {
    "conf/retrain/default.yaml": {
        "quiet_minutes: 5.0": "quiet_minutes: 0.0",
        "min_characters: 20000": "min_characters: 2000",
        "free_disk_mib: 2048": "free_disk_mib: 1",
        "free_memory_mib: 1024": "free_memory_mib: 1",
        "seed_noise: 0.01": "seed_noise: 0.0001",
    },
    # 18 steps, to be struck between them; at 0.5 epochs there are 4.
    "conf/experiment/smoke.yaml": {"epochs: 0.5": "epochs: 4.0"},
    # One thread: two trainings of two threads each, side by side on two cores, take turns.
    "conf/train/default.yaml": {
        "checkpoint_seconds: 60.0": "checkpoint_seconds: 0",
        "threads: 2": "threads: 1",
    },
}
TREE = "runs/retrain/worktree"
# States of the project: before its retraining, at the beginning of its training, and with a
# challenger that is judged, to promote.
BEFORE, TRAINING, PROMOTING = "before", "training", "promoting"
RETRAIN = ("xuxie", "retrain", "--strategy", "scratch")
PATIENCE = 300.0
# The pipeline itself registered version 1.
FIRST, SECOND = "2", "3"


@dataclass(frozen=True)
class Night:
    """
    folder: of the project; its state is copied from one that has a champion and new text.
    undisturbed: fingerprint of the challenger that a retraining without faults makes of it.
    """

    checkout: Checkout
    undisturbed: str

    @property
    def folder(self) -> Path:
        return self.checkout.folder

    def start(self, *words: str, **environment: str) -> "subprocess.Popen[str]":
        return self.checkout.start(*RETRAIN, *words, **environment)

    def retrain(self, *words: str, code: int = 0, **environment: str) -> str:
        """What it says; the strategy is such that its bytes depend on nothing but the text."""
        process = self.start(*words, **environment)
        said, _ = process.communicate()
        assert process.returncode == code, said
        return said

    def reached(self, process: "subprocess.Popen[str]", there: Callable[[], object]) -> None:
        """Wait for a state of the files while the retraining runs."""
        end = time.monotonic() + PATIENCE
        while not there():
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < end
            time.sleep(0.05)

    def at(self, process: "subprocess.Popen[str]", stage: str) -> None:
        """Wait until DVC has begun that stage in the checkout."""
        self.reached(process, lambda: f"Running stage '{stage}'" in self.log())

    def log(self) -> str:
        """Of the latest job, those of the state that a row begins with apart."""
        jobs = "runs/retrain/jobs"
        before = {path.name for path in (self.folder.parent / BEFORE / jobs).glob("*")}
        found = sorted((self.folder / jobs).glob("*/log.txt"))
        new = [path for path in found if path.parent.name not in before]
        return new[-1].read_text(errors="replace") if new else ""

    def go_back(self, state: str) -> None:
        shutil.rmtree(self.folder / TREE, ignore_errors=True)
        self.checkout.go_back(state)

    def checkpoints(self) -> set[str]:
        """Of the challenger's training; the latest two are kept."""
        found = (self.folder / TREE / "runs/train").glob("*/step-*/COMPLETE")
        return {path.parent.name for path in found}

    def saved(self, process: "subprocess.Popen[str]") -> None:
        """Wait until the training, which this process has just begun, has saved something."""
        before = self.checkpoints()
        self.reached(process, lambda: self.checkpoints() - before)

    def write(self, name: str, texts: list[str], source: str = "statutes") -> None:
        lines = [
            json.dumps(
                {"text": text, "source": source, "group": name, "position": number},
                ensure_ascii=False,
            )
            for number, text in enumerate(texts)
        ]
        path = self.folder / f"data/raw/{name}.jsonl"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def laws(self, name: str, count: int) -> None:
        """New laws, each a group of its own."""
        for number in range(count):
            law = f"虚构{name}第{number}号条例"
            self.write(f"{name}-{number}", corpus.articles(law, 8))

    def ruling(self) -> Champion:
        found = champion(self.folder)
        assert found is not None
        return found

    def journal(self) -> list[dict[str, Any]]:
        return list(entries(self.folder))

    def verdict(self) -> dict[str, Any]:
        """Of the latest job that came to one."""
        return [entry for entry in self.journal() if entry["kind"] == "verdict"][-1]

    def user_files(self) -> dict[str, str]:
        """Every file of the workspace by its MD5, but for what is ours to write."""
        ours = ("runs", "mlflow.db", "mlartifacts", ".dvc", ".git")
        names = {path.relative_to(self.folder): path for path in files_below(self.folder)}
        return {
            str(name): md5_of(path)
            for name, path in names.items()
            if not name.parts[0].startswith(ours) and str(name) != "reports/retrain.html"
        }

    def processes(self) -> dict[int, str]:
        """Command lines of what works in the project's checkout, by the process's number."""
        mark = f"XUXIE_RETRAIN={self.folder / TREE}".encode()
        found = {}
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (place / "environ").read_bytes().split(b"\0"):
                    line = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found[int(place.name)] = line
        return found

    def is_whole(self) -> None:
        """The invariants of a project, whatever happened before the last retraining."""
        ruling = self.ruling()
        assert verify(self.folder / ruling.folder) == ruling.fingerprint
        assert broken(self.folder / JOURNAL) is None
        assert self.processes() == {}
        assert not (self.folder / TREE).exists()
        assert not (self.folder / "runs/retrain/job.json").exists()
        left = [path for path in (self.folder / "runs").rglob(".*.partial")]
        assert left + list((self.folder / "runs").rglob("*.tmp")) == []
        self.registry_is_whole(ruling)

    def registry_is_whole(self, ruling: Champion) -> None:
        """One version a fingerprint, and the alias names the champion."""
        with closing(sqlite3.connect(self.folder / "mlflow.db")) as database:
            tags = "SELECT value FROM model_version_tags WHERE key = 'xuxie.fingerprint'"
            prints = [value for (value,) in database.execute(tags)]
            alias = "SELECT version FROM registered_model_aliases WHERE alias = 'champion'"
            versions = [str(version) for (version,) in database.execute(alias)]
        assert len(prints) == len(set(prints))
        assert versions == [ruling.version]

    def made_as_undisturbed(self) -> None:
        """The bytes of a retraining without faults, judged and recorded once, and promoted."""
        assert self.verdict()["challenger"] == self.undisturbed
        verdicts = [entry for entry in self.journal() if entry["kind"] == "verdict"]
        assert len(verdicts) == len({entry["job"] for entry in verdicts}) == 2
        promotions = [entry for entry in self.journal() if entry["kind"] == "promotion"]
        assert [entry["version"] for entry in promotions] == [FIRST, SECOND]
        assert self.ruling().version == SECOND


def prepare(first: Checkout, folder: Path) -> Night:
    """From a first run: a champion, twelve new laws, and what an undisturbed retraining makes."""
    shutil.copytree(first.folder, folder, symlinks=True)
    night = Night(Checkout(folder, first.packages), "")
    for file, changes in EAGER.items():
        for old, new in changes.items():
            night.checkout.edit(file, old, new)
    night.checkout.run("dvc", "repro", "params")
    night.checkout.run("git", "commit", "--quiet", "--all", "--message", "eager retraining")
    night.retrain()
    night.laws("new", 12)
    night.checkout.keep(BEFORE)
    struck_at(night, "register")
    night.checkout.keep(PROMOTING)
    night.retrain()
    found = Night(night.checkout, str(night.verdict()["challenger"]))
    found.is_whole()
    return found


def struck_at_training(night: Night) -> None:
    """The retraining is killed before its training has saved anything."""
    night.go_back(BEFORE)
    process = night.start()
    night.at(process, "train")
    struck(process)
    wait_until(lambda: not night.processes())
    night.checkout.keep(TRAINING)


def struck_at(night: Night, point: str) -> None:
    """The retraining kills itself there, in the middle of a promotion."""
    process = night.start(FP=point)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def struck(process: "subprocess.Popen[str]") -> None:
    """The retraining alone is killed: what it has started must end by itself."""
    process.kill()
    process.communicate()
