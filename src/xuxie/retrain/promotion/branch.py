"""The record of a promotion in git: a commit on a branch of its own, beside the user's checkout."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from xuxie.errors import ExitCode, Refusal

BRANCH = "refs/heads/champion"
ABSENT = "0" * 40
# Somebody else may move the branch between our look and our write, but hardly so often.
TRIES = 5
# No person made the commit; and on a server nobody may have told git a name.
AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "xuxie retrain"), ("EMAIL", "xuxie@localhost"))
}


def commit(project: Path, base: str, files: dict[str, bytes], job: str, about: str) -> str:
    """Put `files` on top of commit `base`, once a job, and return the commit.

    Neither index nor work tree of the project are touched. Where somebody moved the branch, the new
    commit comes after theirs.

    Raises:
        Refusal: git refuses.
    """
    for _ in range(TRIES):
        tip = git(project, "rev-parse", "--verify", "--quiet", BRANCH, allowed=(0, 1))
        if tip and (done := of_job(project, job)):
            return done
        made = committed(project, base, tip, files, f"{about}\n\nJob: {job}\n")
        if updated(project, made, tip or ABSENT):
            return made
    raise refused(f"{BRANCH} keeps moving")


def of_job(project: Path, job: str) -> str:
    """The commit that an earlier attempt made."""
    return git(project, "log", "-1", "--format=%H", "--fixed-strings", f"--grep=Job: {job}", BRANCH)


def committed(project: Path, base: str, tip: str, files: dict[str, bytes], message: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": f"{folder}/index"}
        git(project, "read-tree", base, environment=index)
        for name, data in files.items():
            blob = git(project, "hash-object", "-w", "--stdin", given=data)
            entry = f"100644,{blob},{name}"
            git(project, "update-index", "--add", "--cacheinfo", entry, environment=index)
        tree = git(project, "write-tree", environment=index)
    parents = [parent for parent in (tip, base) if parent]
    words = [word for parent in dict.fromkeys(parents) for word in ("-p", parent)]
    told = message.encode()
    return git(project, "commit-tree", tree, *words, given=told, environment=AUTHOR)


def updated(project: Path, commit: str, expected: str) -> bool:
    words = ["git", "update-ref", "-m", "xuxie retrain", BRANCH, commit, expected]
    return subprocess.run(words, cwd=project, capture_output=True, check=False).returncode == 0


def git(
    project: Path,
    *words: str,
    given: bytes | None = None,
    allowed: tuple[int, ...] = (0,),
    environment: Mapping[str, str] = {},
) -> str:
    done = subprocess.run(
        ["git", *words],
        cwd=project,
        env=os.environ | dict(environment),
        input=given,
        capture_output=True,
        check=False,
    )
    if done.returncode not in allowed:
        raise refused(done.stderr.decode(errors="replace").strip())
    return done.stdout.decode().strip()


def refused(why: str) -> Refusal:
    return Refusal(
        ExitCode.UNAVAILABLE,
        f"无法把结果提交到 git 分支 champion：{why}",
        f"cannot commit the result to git's branch champion: {why}",
    )
