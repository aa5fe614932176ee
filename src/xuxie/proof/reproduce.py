"""Make a run again from its record, in a checkout of its own, and compare the bytes."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from xuxie.errors import ExitCode, Refusal, bad_data, bad_parameters
from xuxie.proof.cache import cache_of
from xuxie.proof.digests import Reader
from xuxie.proof.fingerprint import Comparison, compared
from xuxie.proof.record import TRAIN, Record, record_of
from xuxie.proof.rerun import LOG, Rerun, rerun
from xuxie.proof.worktree import Worktree, check_out, restore
from xuxie.track.settings import TrackSettings


@dataclass(frozen=True)
class Wish:
    """
    what: a run's id or name, a version, a git revision.
    last: the stage after which to stop; empty for all.
    fresh: build an environment from the commit's own lock file.
    anyway: go on where the record says that the bytes will differ.
    folder: where the checkout is to be; kept. None: a temporary one, kept if anything differs.
    """

    what: str
    last: str
    fresh: bool
    anyway: bool
    folder: Path | None


def reproduce(
    project: Path, tracking: TrackSettings, wish: Wish, tell: Callable[[str], None]
) -> bool:
    """Whether every stage that was run again gave the bytes on record.

    Raises:
        Refusal: there is no such record (69), code or data are not what they were (65), this
            machine computes otherwise (69), a stage fails (77).
    """
    project, reader = project.resolve(), Reader(lambda _: None)
    cache = cache_of(project)
    record = record_of(project, cache, tracking, wish.what)
    tell(f"{record.what}，提交 commit {record.commit[:12]}")
    check_clean(record, wish.anyway, tell)
    folder = wish.folder or Path(tempfile.mkdtemp(prefix="xuxie-reproduce-")) / "project"
    same = False
    try:
        tree = check_out(project, record, folder.absolute())
        allowing(wish.anyway, tell, lambda: restore(tree, project, record, cache, reader))
        if wish.fresh:
            tree = with_environment(tree, tell)
        numerics = check_machine(record, tree, wish, tell) if trains(record, wish) else None
        same = told(list_told(rerun(tree, record, cache, reader, wish.last), tell), numerics, tell)
    finally:
        leave(folder, same, wish, tell)
    return same


def trains(record: Record, wish: Wish) -> bool:
    """Whether weights are made: it is of them that the fingerprint speaks."""
    names = list(dict.fromkeys(output.stage for output in record.outputs))
    if wish.last and wish.last not in names:
        raise unknown_stage(wish.last, names)
    return TRAIN in (names[: names.index(wish.last) + 1] if wish.last else names)


def unknown_stage(name: str, names: list[str]) -> Refusal:
    return bad_parameters(
        f"--to {name}：记录里没有这个阶段；有 {', '.join(names)}",
        f"--to {name}: the record has no such stage, but {', '.join(names)}",
    )


def check_clean(record: Record, anyway: bool, tell: Callable[[str], None]) -> None:
    """What was not committed is not on record, and may have made the difference."""
    if not record.changed:
        return
    refusal = bad_data(
        f"训练时有未提交的改动：{record.changed}；提交里的代码不是当时运行的（--anyway 仍然尝试）",
        f"when it was trained, these files were not committed: {record.changed}; the commit does"
        " not hold the code that ran (--anyway tries it all the same)",
    )
    allowing(anyway, tell, lambda: refuse(refusal))


def refuse(refusal: Refusal) -> None:
    raise refusal


def allowing(anyway: bool, tell: Callable[[str], None], work: Callable[[], None]) -> None:
    """With --anyway a refusal of the record is told, and work goes on."""
    try:
        work()
    except Refusal as refusal:
        if not anyway:
            raise
        tell(f"注意 note: {refusal}")


def with_environment(tree: Worktree, tell: Callable[[str], None]) -> Worktree:
    """The commit's Makefile installs its lock file, as for a new user."""
    tell("安装该提交的依赖 installing that commit's requirements.lock …")
    log = tree.folder / LOG
    if tree.run("make", "setup", f"PYTHON={sys.executable}", log=log):
        raise Refusal(
            ExitCode.UNAVAILABLE,
            f"无法安装该提交的依赖，见 {log}",
            f"that commit's requirements cannot be installed, see {log}",
        )
    return Worktree(tree.folder, tree.folder / ".venv" / "bin" / "python")


def check_machine(
    record: Record, tree: Worktree, wish: Wish, tell: Callable[[str], None]
) -> Comparison | None:
    """
    Raises:
        Refusal: (exit code 69) the weights cannot come out the same here.
    """
    if not record.numerics():
        tell("没有数值指纹的记录，直接重做 | no numerics fingerprint on record: it is just tried")
        return None
    found = compared(record, tree.python, tree.folder, **tree.environment())
    if found.alike:
        tell("数值指纹一致 the numerics fingerprint is the same")
        return found
    differing = "; ".join(found.lines())
    refusal = Refusal(
        ExitCode.UNAVAILABLE,
        f"这台机器不能逐字节重现该模型（{differing}）；--anyway 仍然尝试",
        f"this machine cannot reproduce that model to the byte ({differing}); --anyway tries",
    )
    allowing(wish.anyway, tell, lambda: refuse(refusal))
    return found


def list_told(runs: Iterator[Rerun], tell: Callable[[str], None]) -> list[Rerun]:
    done = []
    for run in runs:
        state = run.why or ("不同 different" if run.files else "逐字节相同 identical")
        tell(f"  {run.stage:10} {state}" + ("" if run.why else f"  {run.seconds:.1f} s"))
        done.append(run)
    return done


def told(runs: list[Rerun], numerics: Comparison | None, tell: Callable[[str], None]) -> bool:
    different = [run for run in runs if run.files]
    if not different:
        tell("逐字节相同 identical")
        return True
    [run] = different
    tell(f"首先不同的阶段 the first stage that differs: {run.stage}")
    for name, way in run.files.items():
        tell(f"  {name}: {way}")
    tell(f"  {reason(run.stage, numerics)}")
    return False


def reason(stage: str, numerics: Comparison | None) -> str:
    if numerics is not None and numerics.differences:
        return "可能的原因 likely reason: " + "; ".join(numerics.lines())
    return (
        "数值环境与输入都相同：这一阶段的代码或依赖版本与当时不同，或不确定"
        " | same numerics and inputs: code or versions differ from then, or the stage is not"
        f" deterministic ({stage})"
    )


def leave(folder: Path, same: bool, wish: Wish, tell: Callable[[str], None]) -> None:
    """What differs can be looked at; what is identical is a copy, what was refused unfinished."""
    if (same or not (folder / LOG).exists()) and wish.folder is None:
        shutil.rmtree(folder.parent, ignore_errors=True)
    elif folder.exists():
        tell(f"检出保留在 the checkout is kept in {folder}")
