"""Where a model comes from: code, data and machine, as flat tags. Reads only what is at hand."""

import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import yaml

# What a run is made with, beside its data.
CODE = ("src", "conf", "dvc.yaml")
# Before the path, in the name of the tag that holds its hash.
DATA = "dvc."
# In the environment of a retraining: what asked for it.
TRIGGER = "XUXIE_TRIGGER"


def lineage() -> dict[str, str]:
    """Git commit, DVC experiment, DVC's hash of every earlier stage's output, and the machine."""
    commit, changed = git("rev-parse", "HEAD"), git("status", "--porcelain", "--", *CODE)
    found = {
        "git.commit": commit,
        "git.changed": "yes" if changed else "no",
        "git.changed_files": " ".join(line[2:].strip() for line in changed.splitlines())[:5000],
        "mlflow.source.git.commit": commit,
        "mlflow.source.name": source(),
        "trigger": os.environ.get(TRIGGER, ""),
        "dvc.experiment": os.environ.get("DVC_EXP_NAME", ""),
        "dvc.baseline": os.environ.get("DVC_EXP_BASELINE_REV", ""),
        "machine": f"{platform.node()} {platform.machine()} {os.cpu_count()} cores",
    }
    return {key: value for key, value in (found | data_hashes(Path("dvc.lock"))).items() if value}


def source() -> str:
    """The command that runs this training."""
    if TRIGGER in os.environ:
        return "xuxie retrain"
    return "dvc exp run" if "DVC_EXP_NAME" in os.environ else "dvc repro"


def git(*words: str) -> str:
    try:
        done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def data_hashes(lock: Path) -> dict[str, str]:
    """`dvc.data/splits` -> md5: the hashes of data as the tags of a run."""
    hashes = hashes_in(lock.read_bytes()) if lock.exists() else {}
    return {f"{DATA}{path}": md5 for path, md5 in hashes.items()}


def hashes_in(lock: bytes) -> dict[str, str]:
    """Path -> md5, for what the stages before wrote, and the raw folder they read.

    Args:
        lock: text of a dvc.lock.
    """
    stages: dict[str, Any] = yaml.safe_load(lock).get("stages", {})
    read = [dep for dep in stages.get("ingest", {}).get("deps", []) if dep["path"] == "data/raw"]
    written = [out for stage in stages.values() for out in stage.get("outs", [])]
    data = [item for item in [*read, *written] if item["path"].startswith(("data/", "models/to"))]
    return {item["path"]: str(item.get("md5", "")) for item in data}


def data_figures(metrics: Path) -> dict[str, int]:
    """How much text was read, kept and trained on: the few figures that runs are compared by.

    The rest stands in the files themselves, hundreds of figures, which would bury the scores.
    """
    files = {room: metrics / f"{room}.json" for room in ("clean", "split")}
    if not all(path.exists() for path in files.values()):
        return {}
    clean, split = (json.loads(path.read_text(encoding="utf-8")) for path in files.values())
    return {
        "data.documents_read": clean["documents"]["in"],
        "data.documents_kept": clean["documents"]["kept"],
        "data.train_documents": split["documents"]["train"],
        "data.train_characters": split["characters"]["train"],
    }


def changed_settings(now: Path) -> list[str]:
    """What an experiment asks for beside its commit, as `train.seed 1→2`."""
    commit = os.environ.get("DVC_EXP_BASELINE_REV") or "HEAD"
    before = git("show", f"{commit}:params.yaml")
    if not before or not now.exists():
        return []
    old, new = (flat_all(text) for text in (before, now.read_text(encoding="utf-8")))
    named = {key: (old.get(key), new.get(key)) for key in sorted({*old, *new})}
    return [f"{key} {was}→{value}" for key, (was, value) in named.items() if was != value]


def flat_all(text: str) -> dict[str, Any]:
    """Every setting of a params.yaml by its name."""
    sections: dict[str, Any] = yaml.safe_load(text) or {}
    return {k: v for name, values in sections.items() for k, v in flat(name, values).items()}


def flat(section: str, values: dict[str, Any]) -> dict[str, Any]:
    """Nested settings as `section.key.key` -> value: one parameter each, to filter runs by."""
    pairs: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{section}.{key}"
        pairs |= flat(name, value) if isinstance(value, dict) else {name: value}
    return pairs
