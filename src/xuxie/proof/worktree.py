"""A clean checkout outside the user's workspace, with the recorded parameters, lock and data."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xuxie.errors import ExitCode, Refusal, bad_data
from xuxie.proof.cache import Cache
from xuxie.proof.digests import Reader
from xuxie.proof.lock import Output, stages_of, tracked_outputs, uncached
from xuxie.proof.notation import read
from xuxie.proof.record import Record
from xuxie.proof.stores import git
from xuxie.track.outputs import dvc_hash, files_below

# Of the process that reproduces: another run of DVC, a team's MLflow server.
FOREIGN = ("DVC_", "MLFLOW_", "PYTHON", "VIRTUAL_ENV", "XUXIE_")
# Not run again: parameters are taken as recorded, and what was fetched is in the cache.
GIVEN = ("params", "fetch")
CODE = ("src", "conf")


@dataclass(frozen=True)
class Worktree:
    """
    python: of the environment that runs the stages.
    """

    folder: Path
    python: Path

    def environment(self) -> dict[str, str]:
        """Tracking goes to a database of its own: a reproduction is no new run."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        return kept | {
            "PATH": f"{self.python.parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "DVC_SITE_CACHE_DIR": str(self.folder / ".dvc" / "site"),
            "DVC_NO_ANALYTICS": "true",
            "MLFLOW_TRACKING_URI": f"sqlite:///{self.folder / 'mlflow.db'}",
        }

    def run(self, *words: str, log: Path, **environment: str) -> int:
        """Run a command in the checkout; what it says goes to the end of `log`."""
        with log.open("ab") as file:
            done = subprocess.run(
                words,
                cwd=self.folder,
                env=self.environment() | environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                check=False,
            )
        return done.returncode


def check_out(project: Path, record: Record, folder: Path) -> Worktree:
    """Git's objects are shared, nothing is written to the user's repository."""
    for words in (
        ("clone", "--quiet", "--shared", "--no-checkout", str(project), str(folder)),
        ("-C", str(folder), "-c", "advice.detachedHead=false", "checkout", "-q", record.commit),
    ):
        done = git(project, *words)
        if done.returncode:
            raise Refusal(
                ExitCode.UNAVAILABLE,
                f"无法取出提交 {record.commit[:12]}：{done.stderr.strip()}",
                f"cannot check out the commit {record.commit[:12]}: {done.stderr.strip()}",
            )
    (folder / "params.yaml").write_bytes(record.params)
    (folder / "dvc.lock").write_text(record.lock, encoding="utf-8")
    (folder / ".dvc" / "config.local").write_text(f"[cache]\n    dir = {folder}/.dvc/cache\n")
    return Worktree(folder, Path(sys.executable))


def restore(tree: Worktree, project: Path, record: Record, cache: Cache, reader: Reader) -> None:
    """What the stages read and none of those to be run writes.

    Raises:
        Refusal: (exit code 65) it is no longer to be had as it was; names the stage.
    """
    by_git = uncached(tree.folder)
    for output in [*record.outputs, *by_hand(tree.folder)]:
        given = output.stage in GIVEN or output.stage.endswith(".dvc") or is_kept(output)
        if given and output.path not in by_git:
            put(output, tree.folder, cache, reader)
    bring_inputs(tree.folder, project, record)
    check_inputs(tree.folder, record)


def by_hand(folder: Path) -> list[Output]:
    return [output for output in tracked_outputs(folder) if output.stage.endswith(".dvc")]


def is_kept(output: Output) -> bool:
    """Ingest goes on from its own output: it is given what it had in the end."""
    return output.path == "data/arrivals"


def put(output: Output, folder: Path, cache: Cache, reader: Reader) -> None:
    target = folder / output.path
    if not output.is_folder:
        copy_object(output, "", output.hash, target, cache, reader)
        return
    listing = cache.listing(reader, output.hash)
    if listing is None:
        raise not_in_cache(output, "")
    target.mkdir(parents=True, exist_ok=True)
    for name, md5 in listing.items():
        copy_object(output, name, md5, target / name, cache, reader)


def copy_object(
    output: Output, name: str, md5: str, target: Path, cache: Cache, reader: Reader
) -> None:
    """Hashed before it is copied: DVC would trust its name."""
    found = reader.read(cache.place(md5))
    if found is None or found.md5 != md5:
        raise not_in_cache(output, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(cache.place(md5), target)


def bring_inputs(folder: Path, project: Path, record: Record) -> None:
    """The team's own files, where neither git nor DVC has them: from the workspace."""
    written = [out["path"] for stage in stages_of(record.lock).values() for out in stage["outs"]]
    for _, dep in inputs(record):
        for path in files_below(project / dep):
            name = path.relative_to(project)
            ours = any(name.is_relative_to(out) for out in written)
            if not ours and not (folder / name).exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, folder / name)


def inputs(record: Record) -> Iterator[tuple[str, str]]:
    """Stage and path of all data that a stage to be run reads and no stage writes."""
    stages = stages_of(record.lock)
    written = {out["path"] for stage in stages.values() for out in stage.get("outs", [])}
    for name in record.read:
        for dep in stages[name].get("deps", []) if name not in GIVEN else []:
            if dep["path"] not in written and not dep["path"].startswith(CODE):
                yield name, dep["path"]


def check_inputs(folder: Path, record: Record) -> None:
    """Code, data and parameters against what each stage says it read."""
    stages, data = stages_of(record.lock), set(inputs(record))
    for name in record.read:
        for dep in stages[name].get("deps", []) if name not in GIVEN else []:
            path = folder / dep["path"]
            ours = (name, dep["path"]) in data or dep["path"].startswith(CODE)
            if ours and not (path.exists() and dvc_hash(path) == dep["md5"]):
                raise other_input(name, dep["path"])
        told, asked = stages[name].get("params", {}), read(record.params)
        for section, values in told.get("params.yaml", {}).items():
            if asked.get(section) != values:
                raise other_input(name, f"params.yaml [{section}]")


def not_in_cache(output: Output, name: str) -> Refusal:
    place = f"{output.path}/{name}" if name else output.path
    return bad_data(
        f"阶段 {output.stage} 的 {place} 在 DVC 缓存中缺失或已损坏；"
        "请运行 dvc fetch 或 xuxie verify --repair",
        f"stage {output.stage}: {place} is missing or damaged in DVC's cache;"
        " run dvc fetch, or xuxie verify --repair",
    )


def other_input(stage: str, path: str) -> Refusal:
    return bad_data(
        f"阶段 {stage} 读取的 {path} 与记录不同（哪怕一个字节）；请恢复当时的内容，"
        "或用 --anyway 看看差别",
        f"stage {stage}: {path} is not, to the byte, what it read then; bring that back,"
        " or see with --anyway what comes of it",
    )
