"""The ruling champion: its pointer and its model."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xuxie.errors import Refusal
from xuxie.retrain.doctor.finding import Finding
from xuxie.retrain.job import CHALLENGER
from xuxie.retrain.places import JOBS
from xuxie.retrain.promotion.ledger import moves
from xuxie.retrain.promotion.promote import copied, is_whole
from xuxie.retrain.promotion.untold import tell_rollback
from xuxie.store.files import write_json
from xuxie.track.champion import POINTER, Champion, champion, folder_of


def pointer(project: Path) -> Iterator[Finding]:
    """Unreadable or gone: it becomes what the journal says last, if that model lies here."""
    told = moves(project)
    if not told or readable(project) is not None:
        return
    last = told[-1]
    if version := restored(project, last):
        yield Finding(
            f"冠军指针读不出，已按流水记录恢复为 v{version}",
            f"the champion's pointer was unreadable: v{version} again, as the journal says",
            mended=True,
        )
        return
    # Out of the way of a rollback.
    (project / POINTER).unlink(missing_ok=True)
    yield Finding(
        f"冠军指针读不出，记录里的 v{last['version']} 也不完整：用 xuxie rollback --to 版本 选一个",
        f"the champion's pointer was unreadable and v{last['version']} of the journal is not whole:"
        " choose one with xuxie rollback --to VERSION",
        mended=False,
    )


def readable(project: Path) -> Champion | None:
    try:
        return champion(project)
    except Refusal:
        return None


def restored(project: Path, last: dict[str, Any]) -> str | None:
    version = str(last["version"])
    found = Champion(
        version=version,
        fingerprint=str(last["fingerprint"]),
        folder=folder_of(version).as_posix(),
        serial=int(last["serial"]),
        since=str(last["at"]),
        previous=last["from"],
    )
    if not is_whole(project / found.folder, found.fingerprint):
        return None
    write_json(project / POINTER, vars(found))
    return version


def rollback(project: Path) -> Iterator[Finding]:
    """One that was killed after it had moved the pointer."""
    if readable(project) is not None and (version := tell_rollback(project)):
        yield Finding(
            f"回退到 v{version} 时被中断，流水记录里没有；已补记",
            f"a rollback to v{version} was interrupted before the journal knew of it: noted",
            mended=True,
        )


def model(project: Path) -> Iterator[Finding]:
    """The champion's own directory, brought back from another one with the same bytes."""
    now = readable(project)
    if now is None or is_whole(project / now.folder, now.fingerprint):
        return
    source = next((path for path in copies(project) if is_whole(path, now.fingerprint)), None)
    if source is None:
        yield Finding(
            f"冠军 v{now.version} 的模型损坏，没有完好的副本：xuxie rollback 回到上一个",
            f"the model of champion v{now.version} is damaged and there is no good copy: go back"
            " with xuxie rollback",
            mended=False,
        )
        return
    copied(source, project / now.folder)
    yield Finding(
        f"冠军 v{now.version} 的模型损坏，已从 {source.relative_to(project)} 恢复",
        f"the model of champion v{now.version} was damaged: restored from"
        f" {source.relative_to(project)}",
        mended=True,
    )


def copies(project: Path) -> Iterator[Path]:
    """Where the same model may lie too."""
    yield project / "models/gpt"
    yield from sorted((project / JOBS).glob(f"*/{CHALLENGER}/model"), reverse=True)
