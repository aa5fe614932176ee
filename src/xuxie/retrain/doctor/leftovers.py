"""Half-written folders, runs without a process, a broken journal, what was not pushed."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from xuxie.errors import Refusal
from xuxie.proof.cache import cache_of
from xuxie.retrain.doctor.finding import Finding
from xuxie.retrain.places import RETRAIN
from xuxie.retrain.promotion.ledger import JOURNAL
from xuxie.retrain.promotion.push import push_waiting
from xuxie.store.ledger import broken
from xuxie.track.champion import FOLDER
from xuxie.track.settings import TrackSettings


def partial_folders(project: Path) -> Iterator[Finding]:
    """Of writers that were killed: those of retraining write under the lock that we hold."""
    for place in (project / RETRAIN, project / FOLDER):
        for path in sorted(place.rglob(".*.partial")):
            shutil.rmtree(path)
            name = path.relative_to(project)
            yield Finding(f"删除了没写完的 {name}", f"removed {name}, half written", mended=True)


def empty_runs(project: Path) -> Iterator[Finding]:
    """DVC 3.67 makes the folder of a run before its file, and fails for ever on an empty one."""
    for path in sorted((cache_of(project).folder / "runs").glob("*/*")):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
            yield Finding(
                f"删除了 DVC 运行缓存里的空目录 {path.name[:12]}",
                f"removed the empty folder {path.name[:12]} from DVC's run cache",
                mended=True,
            )


def journal(project: Path) -> Iterator[Finding]:
    if (damage := broken(project / JOURNAL)) is not None:
        yield Finding(
            f"{JOURNAL} 第 {damage.line} 行对不上：被改过，或磁盘出错；请从备份找回",
            f"{JOURNAL} breaks at line {damage.line} ({damage.reason}): it was edited, or the disk"
            " fails; bring it back from a backup",
            mended=False,
        )


def runs(tracking: TrackSettings) -> Iterator[Finding]:
    """Runs whose process died, and what MLflow did not get."""
    from xuxie.track.sender import send_waiting

    try:
        count = send_waiting(tracking.experiment)
    except Refusal as refusal:
        yield Finding(*refusal.languages, mended=False)
        return
    if count:
        yield Finding(
            f"补发了 {count} 个运行的记录，其中进程已死的标为 KILLED",
            f"sent the records of {count} runs; those whose process died are KILLED now",
            mended=True,
        )


def unpushed(project: Path, tell: Callable[[str], None]) -> Iterator[Finding]:
    if not push_waiting(project, tell):
        yield Finding("dvc push 还没有成功", "dvc push has not succeeded yet", mended=False)
