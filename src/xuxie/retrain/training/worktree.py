"""A checkout of the project's last commit, in which a training runs without touching the rest.

It shares git's objects and DVC's cache with the project, and tracks into the project's MLflow.
"""

import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from xuxie.entry import ERROR
from xuxie.errors import ExitCode, Refusal
from xuxie.proof.cache import Cache
from xuxie.proof.lock import stages_of
from xuxie.proof.stores import changed_code, git
from xuxie.retrain.places import RETRAIN
from xuxie.retrain.training.process import run

# Of the process that retrains: another run of DVC, an environment of Python.
FOREIGN = ("DVC_", "PYTHON", "VIRTUAL_ENV", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
RUNNING = re.compile(r"Running stage '([a-z]+)'")
# Words of the kernel and of SQLite for a disk that takes no more.
FULL = re.compile("No space left|File too large|quota exceeded|disk I/O error|disk is full")
ENDED = re.compile(r"failed to reproduce '([a-z]+)'.*?(?:exited with (-?\d+))?\s*$")
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Worktree:
    """
    project: whose checkout it is; absolute.
    place: of the checkout, below the project.
    name: of the runs that are tracked from here.
    trigger: what asked for the retraining, a tag of the run.
    log: where its processes write what they say; absolute.
    """

    project: Path
    place: Path
    name: str
    trigger: str
    log: Path

    @property
    def folder(self) -> Path:
        return self.project / self.place

    def environment(self, name: str = "") -> dict[str, str]:
        """DVC_EXP_NAME names the run, and has the params stage keep params.yaml as it lies here."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)}
        return kept | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "DVC_ROOT": str(self.project),
            "DVC_EXP_NAME": name or self.name,
            "DVC_NO_ANALYTICS": "true",
            "PYTHONUNBUFFERED": "1",
            "XUXIE_TRIGGER": self.trigger,
        }

    def python(self, module: str, *words: str, name: str = "", tell: Tell | None = None) -> int:
        """Run a module of Python here, with this checkout's own code; its exit code."""
        return run(
            [sys.executable, "-m", module, *words],
            folder=self.folder,
            environment=self.environment(name) | {"PYTHONPATH": "src"},
            log=self.log,
            tell=tell or ignored,
        )

    def dvc(self, *words: str, name: str = "", tell: Tell | None = None) -> int:
        for held in ("rwlock", "lock", "rwlock.lock"):
            # Nothing runs here now: a lock that names a process is a dead one's.
            (self.folder / ".dvc" / "tmp" / held).unlink(missing_ok=True)
        return run(
            [sys.executable, "-m", "dvc", *words],
            folder=self.folder,
            environment=self.environment(name),
            log=self.log,
            tell=tell or ignored,
        )

    def repro(self, *words: str, name: str = "", tell: Tell | None = None) -> None:
        """`dvc repro`; `tell` is given the name of each stage as it begins.

        Raises:
            Refusal: a stage failed; with the stage's exit code.
        """
        failed: list[tuple[str, str | None]] = []

        def read(line: str) -> None:
            if found := RUNNING.search(line):
                (tell or ignored)(found[1])
            if found := ENDED.search(line):
                failed.append((found[1], found[2]))

        if code := self.dvc("repro", *words, name=name, tell=read):
            stage, told = failed[-1] if failed else ("?", None)
            raise stage_failed(stage, int(told) if told else code, self.log)


def ignored(_: str) -> None:
    """What a process says stands in the log."""


def head(project: Path) -> str:
    """
    Raises:
        Refusal: the project has no commit.
    """
    if commit := git(project, "rev-parse", "--verify", "--quiet", "HEAD").stdout.strip():
        return commit
    raise Refusal(
        ExitCode.UNAVAILABLE,
        "重训要从 git 提交取代码，这里还没有提交；请先 git commit",
        "retraining takes its code from a commit, and there is none; run git commit first",
    )


def uncommitted(project: Path) -> list[str]:
    """Changed code and configuration: a retraining does not see it."""
    made = ("dvc.lock", "params.yaml")
    return [name for name in changed_code(project) if name not in made]


def check_out(tree: Worktree, commit: str, cache: Cache, lock: str | None) -> None:
    """
    Args:
        lock: text of the dvc.lock to go on from; None for that of the commit.
    """
    folder = tree.folder
    shutil.rmtree(folder, ignore_errors=True)
    (tree.project / RETRAIN).mkdir(parents=True, exist_ok=True)
    for words in (
        ("clone", "--quiet", "--shared", "--no-checkout", str(tree.project), str(folder)),
        ("-C", str(folder), "-c", "advice.detachedHead=false", "checkout", "-q", commit),
    ):
        done = git(tree.project, *words)
        if done.returncode:
            raise no_checkout(commit, done.stderr.strip())
    if lock is not None:
        (folder / "dvc.lock").write_text(lock, encoding="utf-8")
    share_cache(tree, cache)


def share_cache(tree: Worktree, cache: Cache) -> None:
    """What the user has set for the project alone, such as remotes, holds here too."""
    local = Path(".dvc/config.local")
    if (tree.project / local).exists():
        shutil.copyfile(tree.project / local, tree.folder / local)
    cache.folder.mkdir(parents=True, exist_ok=True)
    if tree.dvc("config", "--local", "cache.dir", str(cache.folder.resolve())):
        raise no_checkout(str(cache.folder), "dvc config")


def lock_in_use(project: Path) -> str | None:
    """The project's dvc.lock as it lies there, unless it was caught half written.

    Cut at the end of a line it only lists fewer stages, which then run again.
    """
    path = project / "dvc.lock"
    try:
        text = path.read_text(encoding="utf-8")
        stages_of(text)
    except (OSError, UnicodeDecodeError, Refusal):
        return None
    return text if text.endswith("\n") else None


def stage_failed(stage: str, code: int, log: Path) -> Refusal:
    known = {int(known): known for known in ExitCode}
    chinese, english = last_words(log.read_text(encoding="utf-8", errors="replace"))
    if code not in known and FULL.search(english):  # dvc itself, which ends with 255 for everything
        code = ExitCode.STORAGE
        chinese, english = f"{chinese}；请清理磁盘", f"{english}; free some disk"
    return Refusal(
        known.get(code, ExitCode.DATA),
        f"重训在阶段 {stage} 失败（退出码 {code}）：{chinese}；完整输出见 {log}",
        f"retraining failed in stage {stage} (exit code {code}): {english}; all it said is in"
        f" {log}",
    )


def last_words(said: str) -> tuple[str, str]:
    """Of the stage itself, in both languages; else the last line that speaks of an error."""
    lines = RUNNING.split(said)[-1].splitlines()
    for line in reversed(lines):
        if line.startswith(ERROR):
            chinese, _, english = line.removeprefix(ERROR).strip().partition(" | ")
            return chinese, english or chinese
    line = next((line for line in reversed(lines) if "error:" in line.lower()), "?").strip()
    return line, line


def no_checkout(commit: str, said: str) -> Refusal:
    return Refusal(
        ExitCode.UNAVAILABLE,
        f"无法取出提交 {commit[:12]}：{said}",
        f"cannot check out the commit {commit[:12]}: {said}",
    )
