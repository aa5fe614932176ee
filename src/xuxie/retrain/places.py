"""Where a project keeps what retraining needs: local, neither in git nor in DVC."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xuxie.errors import bad_data
from xuxie.store.files import write_json
from xuxie.track.champion import champion as pointed_to

LOCK = Path("runs/retrain.lock")
RETRAIN = Path("runs/retrain")
JOB = RETRAIN / "job.json"
JOBS = RETRAIN / "jobs"
WORKTREE = RETRAIN / "worktree"
# What each trained model was trained on, by its fingerprint.
BASES = RETRAIN / "bases"
# Scores of a champion on the documents of a later training.
SCORED = RETRAIN / "scored"
# How the last look at raw data ended.
LOOKED = RETRAIN / "looked.json"
# Which text was last trained on from which champion, and how it was judged.
JUDGED = RETRAIN / "judged.json"
STAGES = RETRAIN / "stages.jsonl"
# What `xuxie noise` has measured.
NOISE = Path("metrics/noise.json")
RAW = Path("data/raw")
# What the person who wakes up reads first.
PAGE = Path("reports/retrain.html")


@dataclass(frozen=True)
class Champion:
    """
    version: in the registry.
    model: its sealed directory.
    """

    version: str
    fingerprint: str
    model: Path


def champion(project: Path) -> Champion | None:
    """The champion by its pointer.

    Raises:
        Refusal: the pointer is there and cannot be read.
    """
    now = pointed_to(project)
    if now is None:
        return None
    return Champion(now.version, now.fingerprint, project / now.folder)


def read_json(path: Path) -> dict[str, Any] | None:
    """
    Raises:
        Refusal: the file is there and holds no JSON object.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return dict(found)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise unreadable(path) from error


def remember(path: Path, value: Any) -> None:
    write_json(path, value)


def unreadable(path: Path) -> Exception:
    return bad_data(
        f"{path} 读不出；请运行 xuxie doctor", f"{path} cannot be read; run xuxie doctor"
    )
