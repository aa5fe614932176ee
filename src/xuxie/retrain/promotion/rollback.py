"""Back to an earlier champion, in less than a second: its directory still lies in the project."""

from pathlib import Path

from xuxie.errors import ExitCode, Refusal
from xuxie.retrain.promotion.failpoint import reached
from xuxie.retrain.promotion.ledger import ROLLBACK, append_move, latest_serial
from xuxie.retrain.promotion.untold import untold
from xuxie.store.manifest import verify
from xuxie.track.champion import FOLDER, Champion, champion, folder_of, move


def roll_back(project: Path, to: str | None) -> Champion:
    """Move the pointer to version `to`, or to the champion before this one; journalled.

    After a rollback that was killed, the next one without a version finishes it.

    Raises:
        Refusal: there is no such version here (69), or its files are damaged (65).
    """
    now, before = champion(project), untold(project)
    if before is not None:
        before.tell(project)
        if now is not None and before.kind == ROLLBACK and to is None:
            return now
    target = to or (now.previous if now else None)
    folder = project / folder_of(target or "")
    if target is None or not folder.is_dir():
        raise unknown(project, target)
    if now and now.version == target:
        return now
    fingerprint = verify(folder)
    expected = now.version if now else None
    found = move(project, expected, target, fingerprint, after=latest_serial(project))
    reached("rollback")
    facts = {"version": target, "fingerprint": fingerprint, "from": expected}
    append_move(ROLLBACK, facts | {"serial": found.serial}, project)
    return found


def unknown(project: Path, version: str | None) -> Refusal:
    known = ", ".join(versions(project)) or "—"
    if version is None:
        return Refusal(
            ExitCode.UNAVAILABLE,
            f"没有更早的冠军可以回退；可选的版本：{known}",
            f"there is no earlier champion to go back to; versions here: {known}",
        )
    return Refusal(
        ExitCode.UNAVAILABLE,
        f"这里没有当过冠军的版本 {version}；可选：{known}",
        f"version {version} never was champion here; there are: {known}",
    )


def versions(project: Path) -> list[str]:
    found = [path.name.removeprefix("v") for path in (project / FOLDER).glob("v*")]
    return sorted(found, key=lambda name: (len(name), name))
