"""What lies beside DVC: MLflow's files and database, the journals, git."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import DatabaseError, connect

from xuxie.proof.damage import Damage, Expected, Kind, Problem, compared
from xuxie.proof.digests import Reader
from xuxie.store.ledger import broken

# Of git, what a result depends on, and what tells of it.
CODE = ("src", "conf", "dvc.yaml", "dvc.lock", "params.yaml", "requirements.lock", "pyproject.toml")
# Each of its entries holds the hash of the one before.
CHAIN = Path("runs/champion/journal.jsonl")


def damaged_artifacts(project: Path, experiment: str, reader: Reader) -> Iterator[Damage]:
    """Files of runs and of registered models, where MLflow keeps them in the project."""
    if not (project / "mlflow.db").exists():
        return
    from xuxie.track.stored import stored_files

    for file in stored_files(experiment):
        wanted = Expected(file.path, "sha256", file.sha256, Kind.ARTIFACT, file.owner)
        if found := compared(reader, wanted, advice="xuxie reproduce"):
            yield found


def damaged_database(project: Path, reader: Reader) -> Iterator[Damage]:
    """SQLite finds what breaks its own structure; its pages carry no checksums."""
    path = project / "mlflow.db"
    if reader.read(path) is None:
        return
    try:
        with closing(connect(f"file:{path}?mode=ro", uri=True)) as database:
            [(answer,), *_] = database.execute("PRAGMA integrity_check").fetchall()
    except DatabaseError as error:
        answer = str(error)
    if answer != "ok":
        yield Damage(path, Kind.DATABASE, answer.splitlines()[0], Problem.CHANGED)


def damaged_journals(project: Path, reader: Reader) -> Iterator[Damage]:
    """Lines that are whole and no JSON. What a crash left half written is none of them."""
    for path in sorted((project / "runs").rglob("*.jsonl")):
        reader.read(path)
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.endswith(b"\n") and not parses(line):
                    yield Damage(path, Kind.JOURNAL, f"第 {number} 行 line", Problem.CHANGED)


def broken_chains(project: Path) -> Iterator[Damage]:
    """A journal of retraining in which an entry was changed, taken out or cut off."""
    if (found := broken(project / CHAIN)) is not None:
        owner = f"第 {found.line} 行 line"
        yield Damage(project / CHAIN, Kind.JOURNAL, owner, Problem.CHANGED)


def parses(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def damaged_git(project: Path) -> Iterator[Damage]:
    done = git(project, "fsck", "--no-dangling", "--no-progress")
    if done.returncode and (project / ".git").exists():
        said = (done.stderr.strip() or done.stdout.strip() or "git fsck").splitlines()[0]
        yield Damage(project / ".git", Kind.GIT, said, Problem.CHANGED, advice="git fetch")


def changed_code(project: Path) -> list[str]:
    """Files of code and configuration that differ from git's. That is work, not damage."""
    said = git(project, "status", "--porcelain", "--", *CODE).stdout
    return [line[3:] for line in said.splitlines()]


def git(project: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["git", "--no-optional-locks", *words],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
