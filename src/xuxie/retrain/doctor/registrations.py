"""What MLflow's registry says of our models: versions that cannot be loaded, aliases."""

from collections.abc import Iterator
from pathlib import Path

from xuxie.errors import Refusal
from xuxie.retrain.doctor.finding import Finding
from xuxie.retrain.doctor.ruling import readable
from xuxie.track.champion import folder_of
from xuxie.track.settings import TrackSettings


def registrations(project: Path, tracking: TrackSettings) -> Iterator[Finding]:
    """Half registrations go, so that the model can be registered whole; a champion's stay.

    A version that was a champion stands in the journal, and a rollback names it.
    """
    from xuxie.track.registry import half_registered, unregister

    try:
        for version in half_registered(tracking):
            if (project / folder_of(version)).is_dir():
                yield unloadable(version)
                continue
            unregister(tracking, version)
            yield Finding(
                f"删除了 MLflow 里登记到一半的 v{version}：没有完整的模型文件",
                f"removed v{version} from MLflow's registry: its model was not logged whole",
                mended=True,
            )
    except Refusal as refusal:
        yield Finding(*refusal.languages, mended=False)


def unloadable(version: str) -> Finding:
    own = folder_of(version)
    return Finding(
        f"MLflow 里 v{version} 的模型文件没有了，mlflow models serve 无法使用它；{own} 里的副本"
        "不受影响，xuxie generate 和 xuxie rollback 照常。请从备份找回 mlartifacts",
        f"MLflow has lost the files of v{version}, so that mlflow models serve cannot use it; the"
        f" copy in {own} serves xuxie generate and xuxie rollback as before. Bring mlartifacts back"
        " from a backup",
        mended=False,
    )


def aliases(project: Path, tracking: TrackSettings) -> Iterator[Finding]:
    from xuxie.track.registry import mirror_aliases

    now = readable(project)
    if now is None:
        return
    try:
        changed = mirror_aliases(tracking, now)
    except Refusal as refusal:
        yield Finding(*refusal.languages, mended=False)
        return
    if changed:
        yield Finding(
            f"MLflow 的别名已改为 v{now.version}",
            f"MLflow's aliases name v{now.version} now",
            mended=True,
        )
