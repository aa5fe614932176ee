"""A copy of the repository in a folder of its own, as a user who cloned it has it."""

import filecmp
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import connect

import corpus

ROOT = Path(__file__).parent.parent
KEPT = "kept"
# Of the process that runs the tests: another DVC run, a team's MLflow server. Without SHELL, as
# under cron, dvc takes /bin/sh.
FOREIGN = ("DVC_", "MLFLOW_TRACKING", "MLFLOW_EXPERIMENT", "MAKE", "PYTHON", "SHELL")


@dataclass(frozen=True)
class Checkout:
    """`folder` is the project; `packages` is what pip finds there instead of an index."""

    folder: Path
    packages: Path

    def environment(self, **extra: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        here = Path(sys.executable).parent
        author = {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "tests"), ("EMAIL", "tests@example.invalid"))
        }
        return {
            **kept,
            **author,
            "PATH": f"{here}{os.pathsep}{os.environ['PATH']}",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.packages),
            **extra,
        }

    def run(
        self, *words: str, code: int = 0, **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command in the project and see it end with exit code `code`."""
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def start(self, *words: str, **environment: str) -> "subprocess.Popen[str]":
        """Start a command in the project, in a process group of its own, its output in one pipe."""
        return subprocess.Popen(
            words,
            cwd=self.folder,
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def repro(self) -> list[str]:
        """`dvc repro`; the stages that ran."""
        output = self.run("dvc", "repro").stdout
        return [line.split("'")[1] for line in output.splitlines() if "Running stage" in line]

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def keep(self, state: str = KEPT) -> None:
        """Remember every file as it is now, for `go_back`."""
        shutil.copytree(self.folder, self.folder.parent / state, symlinks=True)

    def go_back(self, state: str = KEPT) -> None:
        """Files are put back in place: this process may still have MLflow's database open."""
        kept = self.folder.parent / state
        for path in [path for path in self.folder.rglob("*") if not path.is_dir()]:
            if not os.path.lexists(kept / path.relative_to(self.folder)):
                path.unlink()
        # An empty folder in its run cache stops DVC.
        for path in sorted(self.folder.rglob("*"), reverse=True):
            if path.is_dir() and not (kept / path.relative_to(self.folder)).exists():
                path.rmdir()
        for first in [path for path in kept.rglob("*") if path.is_file()]:
            put_back(first, self.folder / first.relative_to(kept))

    def query(self, sql: str) -> list[tuple[str, ...]]:
        """Rows of MLflow's own database."""
        with closing(connect(self.folder / "mlflow.db")) as database:
            return database.execute(sql).fetchall()


def put_back(first: Path, path: Path) -> None:
    if path.exists() and filecmp.cmp(first, path, shallow=False):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.chmod(0o644)
    path.write_bytes(first.read_bytes())
    shutil.copystat(first, path)


def sources() -> Iterator[Path]:
    """What a clone of the working tree would hold: tracked files and new ones not ignored."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    yield from (Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file())


def check_out(folder: Path) -> Checkout:
    """A committed checkout below `folder` whose packages are ours, on the smoke experiment."""
    made = Checkout(folder / "project", folder / "packages")
    for path in sources():
        (made.folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, made.folder / path)
    for name, sha256 in corpus.write_packages(made.packages).items():
        pin(made.folder / "conf/fetch/demo.yaml", name, sha256)
    made.edit("conf/config.yaml", "experiment: null", "experiment: smoke")
    made.edit("conf/experiment/smoke.yaml", "  reviews: null\n", "")
    made.run("git", "init", "--quiet")
    made.run("git", "add", ".")
    made.run("git", "commit", "--quiet", "--message", "start")
    return made


def pin(path: Path, name: str, sha256: str) -> None:
    """Write the hash of a package into the fetch option that names it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    place = next(number for number, line in enumerate(lines) if line.strip() == f"name: {name}")
    lines[place + 2] = f"    sha256: {sha256}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
