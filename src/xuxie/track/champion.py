"""Which registered model is the champion: a pointer of our own, that MLflow's aliases mirror.

MLflow's alias knows neither hashes nor expectations: the last writer wins. The pointer is moved by
compare-and-set under a lock and replaced as one file, so that a reader sees the old or the new.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xuxie.errors import ExitCode, Refusal, bad_data
from xuxie.store.files import write_json
from xuxie.store.lock import held

if TYPE_CHECKING:  # a rollback has no time to import MLflow
    from mlflow import MlflowClient

FOLDER = Path("runs/champion")
POINTER = FOLDER / "champion.json"
CHAMPION, PREVIOUS = "champion", "previous"


@dataclass(frozen=True)
class Champion:
    """
    version: of the registered model.
    fingerprint: SHA-256 of the manifest of its directory `folder`, which is below the project.
    serial: how often the pointer has moved.
    since: when it moved here, in UTC.
    previous: the version before, None for the first.
    """

    version: str
    fingerprint: str
    folder: str
    serial: int
    since: str
    previous: str | None


def champion(project: Path = Path()) -> Champion | None:
    """
    Raises:
        Refusal: the pointer is damaged.
    """
    path = project / POINTER
    try:
        return Champion(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        raise damaged(path) from None


def folder_of(version: str) -> Path:
    """Where the directory of a version lies that is or was champion."""
    return FOLDER / f"v{version}"


def move(
    project: Path, expected: str | None, version: str, fingerprint: str, *, after: int
) -> Champion:
    """Make `version` champion in the place of `expected`; that it is already is no error.

    Args:
        after: a serial that was reached before, of which a pointer that got lost knows nothing.

    Raises:
        Refusal: (exit code 75) another version is champion now.
    """
    with held(project / FOLDER / "champion.lock", wait=True):
        now = champion(project)
        if now is not None and (now.version, now.fingerprint) == (version, fingerprint):
            return now
        found = now.version if now else None
        if found != expected:
            raise moved(expected, found)
        moved_to = Champion(
            version=version,
            fingerprint=fingerprint,
            folder=folder_of(version).as_posix(),
            serial=max(now.serial if now else 0, after) + 1,
            since=datetime.now(UTC).isoformat(timespec="seconds"),
            previous=found,
        )
        write_json(project / POINTER, asdict(moved_to))
        return moved_to


def mirror(client: "MlflowClient", name: str, found: Champion) -> bool:
    """Set MLflow's aliases to the pointer's versions; whether anything was changed."""
    aliases: dict[str, Any] = dict(client.get_registered_model(name).aliases)
    wanted = {CHAMPION: found.version, PREVIOUS: found.previous}
    changed = {
        alias: version
        for alias, version in wanted.items()
        if version is not None and str(aliases.get(alias)) != version
    }
    for alias, version in changed.items():
        client.set_registered_model_alias(name, alias, version)
    return bool(changed)


def moved(expected: str | None, found: str | None) -> Refusal:
    before, now = (f"v{version}" if version else "—" for version in (expected, found))
    return Refusal(
        ExitCode.BUSY,
        f"冠军已从 {before} 变为 {now}；请重新评估",
        f"the champion moved from {before} to {now}; evaluate again",
    )


def damaged(path: Path) -> Refusal:
    return bad_data(
        f"{path} 读不出；请运行 xuxie doctor", f"{path} cannot be read; run xuxie doctor"
    )
