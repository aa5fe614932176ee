"""Which training this is: what goes on after a stop must be the same training to the byte."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

# Trainings that were stopped and may still go on, beside the present one.
KEPT = 3


def identity(facts: dict[str, Any], rooms: list[Path]) -> str:
    """A hash of all that decides the weights.

    Args:
        facts: parameters, fingerprints of the inputs, the numerics profile.
        rooms: folders of code that computes them.
    """
    hashed = hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode())
    for path in sorted(path for room in rooms for path in room.rglob("*.py")):
        hashed.update(path.name.encode() + b"\0" + path.read_bytes())
    return hashed.hexdigest()[:16]


def own_folder(trainings: Path, name: str) -> Path:
    """The folder of the training `name`; of the other stopped ones the latest few are kept."""
    others = sorted(
        (path for path in trainings.glob("*") if path.is_dir() and path.name != name),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    for path in others[KEPT:]:
        print(f"删除旧的检查点 {path} | removing the old checkpoints in {path}")
        shutil.rmtree(path, ignore_errors=True)
    return trainings / name
