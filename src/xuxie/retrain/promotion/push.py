"""`dvc push` of what a champion was made of, so that others can `dvc pull` its commit.

The promotion stands without it: what a remote out of reach did not get is pushed the next time.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from xuxie.errors import Refusal
from xuxie.proof.cache import cache_of
from xuxie.retrain.places import RETRAIN, read_json, remember
from xuxie.retrain.promotion.branch import of_job
from xuxie.retrain.promotion.failpoint import reached
from xuxie.retrain.training.worktree import Worktree, check_out

# The commit that is to be pushed; gone when it was.
WAITING = RETRAIN / "push.json"
PLACE = RETRAIN / "push"
Tell = Callable[[str], None]


def push_champion(project: Path, job: str, tell: Tell) -> None:
    """Push the commit that a promotion made, where the project has a default remote."""
    remember(project / WAITING, {"commit": of_job(project, job)})
    push_waiting(project, tell)


def push_waiting(project: Path, tell: Tell) -> bool:
    """Push what an earlier attempt could not; whether nothing waits any more."""
    told = read_json(project / WAITING)
    if told is None:
        return True
    reached("push")
    remote = configured(project, "core.remote")
    if remote and not pushed(project, str(told["commit"]), remote):
        tell(
            f"dvc push 没有成功，下次 xuxie retrain 再推；它说了什么见 {log_of(project)}"
            " | dvc push failed and is tried again by the next xuxie retrain; what it said is in"
            f" {log_of(project)}"
        )
        return False
    (project / WAITING).unlink()
    return True


def pushed(project: Path, commit: str, remote: str) -> bool:
    """In a checkout of that commit: neither the workspace nor a job's checkout need be it."""
    tree = Worktree(project, PLACE, "push", "push", log_of(project))
    key = f"remote.{remote}.url"
    try:
        check_out(tree, commit, cache_of(project), None)
        # A remote's path may be relative to the project.
        tree.dvc("config", "--local", key, configured(project, key))
        return tree.dvc("push", "--quiet") == 0
    except Refusal:  # such as a commit that was pruned: no reason to retrain no more
        return False
    finally:
        shutil.rmtree(tree.folder, ignore_errors=True)


def log_of(project: Path) -> Path:
    return project / RETRAIN / "push.txt"


def configured(project: Path, key: str) -> str:
    """A value of DVC's configuration, a path made absolute; empty where there is none."""
    words = [sys.executable, "-m", "dvc", "config", key]
    done = subprocess.run(words, cwd=project, capture_output=True, text=True, check=False)
    return done.stdout.strip()
