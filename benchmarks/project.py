"""A scratch copy of the repository, whose stages run by the command lines of its own dvc.yaml."""

import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import reduce
from operator import getitem
from pathlib import Path

import pyarrow.parquet as pq
import yaml
from measure import Run, measured, succeeded

ROOT = Path(__file__).resolve().parent.parent
FOREIGN = ("DVC_", "MLFLOW_", "PYTHON", "RAY_")


@dataclass(frozen=True)
class Project:
    """`folder` is the copy; `python` runs its stages."""

    folder: Path
    python: Path

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        path = f"{self.python.parent}{os.pathsep}{os.environ['PATH']}"
        return {**kept, "PATH": path, "PYTHONPATH": "src"}

    def compose(self, **options: str) -> None:
        """Write params.yaml. `options`: another option of a group of conf/, as engine="ray"."""
        config = self.folder / "conf/config.yaml"
        lines = config.read_text(encoding="utf-8").splitlines()
        for group, option in options.items():
            place = next(n for n, line in enumerate(lines) if line.startswith(f"  - {group}:"))
            lines[place] = f"  - {group}: {option}"
        config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.stage("params")

    def settings(self, **sections: dict[str, object]) -> None:
        """Set values in the composed params.yaml, as clean={"duplicates.near": False}."""
        path = self.folder / "params.yaml"
        params = yaml.safe_load(path.read_text(encoding="utf-8"))
        for section, values in sections.items():
            for name, value in values.items():
                *groups, last = [section, *name.split(".")]
                reduce(getitem, groups, params)[last] = value
        path.write_text(yaml.safe_dump(params, allow_unicode=True), encoding="utf-8")

    def command(self, name: str) -> list[str]:
        stages = yaml.safe_load((self.folder / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
        words = shlex.split(stages[name]["cmd"])
        return words[words.index("env") :]

    def attempt(self, name: str) -> Run:
        """Run a stage that may fail: its exit code tells."""
        return measured(self.command(name), self.folder, self.environment())

    def stage(self, name: str) -> Run:
        for folder in ("data/raw", "metrics", "plots/clean", "reports"):
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
        return succeeded(self.command(name), self.folder, self.environment())

    def raw(self, shards: Path) -> None:
        """Put the JSONL files of a folder where ingest reads, and nothing else."""
        for name in ("data/raw", "data/arrivals", "data/documents", "data/clean"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        (self.folder / "data/raw").mkdir(parents=True)
        for shard in sorted(shards.glob("*.jsonl")):
            shutil.copyfile(shard, self.folder / "data/raw" / shard.name)

    def rows(self, name: str, columns: list[str]) -> list[dict[str, str]]:
        table = pq.read_table(self.folder / "data/clean" / f"{name}.parquet", columns=columns)
        rows: list[dict[str, str]] = table.to_pylist()
        return rows


def check_out(folder: Path, python: Path = Path(sys.executable)) -> Project:
    """Copy what a clone of the working tree would hold: tracked files, and new ones not ignored."""
    shutil.rmtree(folder, ignore_errors=True)
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    # The benchmark brings its own text; fetching packages has no part in it.
    made = Project(folder, python)
    made.compose(fetch="none")
    return made
