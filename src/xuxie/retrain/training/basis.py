"""What a model was trained on: by this the next retraining knows what is new."""

import hashlib
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from xuxie.retrain.due.raw import Listing, listing_from, plain
from xuxie.retrain.places import BASES, Champion, read_json, remember
from xuxie.retrain.training.worktree import lock_in_use
from xuxie.store.files import write_text

ARRIVALS = Path("data/arrivals")
# Bases of trainings, beside the champion's own.
KEPT = 10
# Settings that make another model of the same text.
DECISIVE = ("fetch", "ingest", "clean", "split", "tokenizer", "model", "train")


@dataclass(frozen=True)
class Basis:
    """
    arrival: number of the latest arrival that the model's data holds; 0 without any.
    trained: seconds since the epoch.
    settings: hash of the configured settings, without what continuing changes in them.
    raw: files it was made of.
    lineage: as the candidate had it.
    lock: text of the dvc.lock of its data; None to take the commit's.
    arrivals: the register of arrivals to go on from; None where there is none.
    """

    arrival: int
    trained: float
    settings: str
    raw: Listing
    lineage: dict[str, str]
    lock: str | None
    arrivals: Path | None


def settings_hash(values: dict[str, Any]) -> str:
    kept = {section: values.get(section) for section in DECISIVE}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def last_arrival(register: Path | None) -> int:
    if register is None or not (register / "arrivals.parquet").is_file():
        return 0
    numbers = pq.read_table(register / "arrivals.parquet", columns=["arrival"])["arrival"]
    return max(numbers.to_pylist(), default=0)


def of_champion(project: Path, champion: Champion) -> Basis:
    """As its training left it; for a model that was trained otherwise, as the workspace is."""
    folder = project / BASES / champion.fingerprint
    told = read_json(folder / "basis.json")
    if told is None:
        return replace(of_workspace(project), trained=trained_at(champion.model))
    return Basis(
        arrival=int(told["arrival"]),
        trained=float(told["trained"]),
        settings=str(told["settings"]),
        raw=listing_from(told["raw"]),
        lineage=dict(told["lineage"]),
        lock=(folder / "dvc.lock").read_text(encoding="utf-8"),
        arrivals=folder / "arrivals",
    )


def of_workspace(project: Path) -> Basis:
    """What was last run there. Of its raw files nothing is known, so that all count as changed."""
    register = project / ARRIVALS if (project / ARRIVALS).is_dir() else None
    return Basis(
        arrival=last_arrival(register),
        trained=0.0,
        settings="",
        raw={},
        lineage={},
        lock=lock_in_use(project),
        arrivals=register,
    )


def trained_at(model: Path) -> float:
    marker = model / "COMPLETE"
    return marker.stat().st_mtime if marker.exists() else 0.0


def keep(project: Path, fingerprint: str, basis: Basis) -> None:
    """Written before the model can become champion."""
    folder = project / BASES / fingerprint
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "dvc.lock", basis.lock or "")
    if basis.arrivals is not None:
        shutil.copytree(basis.arrivals, folder / "arrivals", dirs_exist_ok=True)
    values = {
        "arrival": basis.arrival,
        "trained": basis.trained,
        "settings": basis.settings,
        "raw": plain(basis.raw),
        "lineage": basis.lineage,
    }
    remember(folder / "basis.json", values)


def forget_old(project: Path, champion: Champion | None) -> None:
    folders = sorted(
        (path for path in (project / BASES).glob("*") if path.is_dir()),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    for path in folders[KEPT:]:
        if champion is None or path.name != champion.fingerprint:
            shutil.rmtree(path, ignore_errors=True)
