"""The facts that decide whether a retraining is due, gathered as cheaply as they can be."""

import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from xuxie.config import Config
from xuxie.retrain.due.policy import Drift, Facts, NewText
from xuxie.retrain.due.raw import Change, Listing, at_addresses, change, latest_change, listed
from xuxie.retrain.places import LOOKED, Champion, read_json, remember
from xuxie.retrain.training.basis import Basis

MINUTE, DAY = 60.0, 86_400.0


@dataclass(frozen=True)
class Seen:
    """
    raw: every file, of data/raw and of addresses.
    """

    raw: Listing
    change: Change
    facts: Facts


def look(
    project: Path, settings: Config, champion: Champion | None, basis: Basis, *, forced: bool
) -> Seen:
    """What can be told without reading text: seconds at most, where little has changed."""
    raw = listed(project, basis.raw) | at_addresses(settings.ingest.addresses)
    found = change(basis.raw, raw)
    latest = latest_change(project)
    facts = Facts(
        champion=champion is not None,
        forced=forced,
        changed=len(found.changed),
        removed=len(found.removed),
        # A file may bear a time to come: a clock was set back.
        quiet_minutes=None if latest is None else abs(time.time() - latest) / MINUTE,
        age_days=(time.time() - basis.trained) / DAY if champion else 0.0,
        free_disk_mib=shutil.disk_usage(project).free >> 20,
        free_memory_mib=free_memory_mib(),
        text=None,
    )
    return Seen(raw, found, facts)


def free_memory_mib() -> int | None:
    """What Linux could give without swapping; None elsewhere."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    kib = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(kib[0]) >> 10 if kib else None


def look_key(ruling: Champion | None, commit: str) -> dict[str, str]:
    """What the new text depends on, beside the raw data."""
    return {"champion": ruling.fingerprint if ruling else "", "commit": commit}


def looked_before(project: Path, key: dict[str, str], raw: Listing) -> NewText | None:
    """The new text as it was found the last time, if all is as it was then."""
    path = project / LOOKED
    told = read_json(path)
    if told is None or told["key"] != key or told["raw"] != contents(raw):
        return None
    return text_from(told["text"])


def remember_look(project: Path, key: dict[str, str], raw: Listing, text: NewText) -> None:
    values = {"key": key, "raw": contents(raw), "text": asdict(text)}
    remember(project / LOOKED, values)


def contents(raw: Listing) -> dict[str, str]:
    return {name: file.content for name, file in raw.items()}


def text_from(values: dict[str, Any]) -> NewText:
    drift = values["drift"]
    return NewText(**(values | {"drift": Drift(**drift) if drift else None}))
