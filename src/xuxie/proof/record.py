"""How something was made: from a run of MLflow, a registered version, or a git revision."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from xuxie.errors import ExitCode, Refusal
from xuxie.proof.cache import Cache
from xuxie.proof.digests import Reader
from xuxie.proof.lock import Output, outputs_of, stages_of
from xuxie.proof.notation import read
from xuxie.proof.stores import git
from xuxie.track.outputs import written_paths
from xuxie.track.record import RecordedRun
from xuxie.track.settings import TrackSettings

MODEL, TRAIN = "models/gpt", "train"
FACTS = ("config.json", "training.json")


@dataclass(frozen=True)
class Record:
    """
    what: as the user named it, and what that is.
    changed: files that differed from `commit` when it was made, in words.
    read: stages of which `lock` tells truly what they read; a run's is from before its training.
    outputs: of the stages whose bytes are on record.
    unknown: stage -> why its bytes are not.
    model: `config.json` and `training.json` of the model, where they are to be had.
    """

    what: str
    commit: str
    changed: str
    lock: str
    params: bytes
    read: list[str]
    outputs: list[Output]
    unknown: dict[str, str] = field(default_factory=dict)
    model: dict[str, bytes] = field(default_factory=dict)

    def numerics(self) -> dict[str, str]:
        """The profile of the machine that trained the model; empty where it is not known."""
        if "training.json" not in self.model:
            return {}
        made = json.loads(self.model["training.json"])["made_with"]
        prefix = "numerics."
        return {k.removeprefix(prefix): str(v) for k, v in made.items() if k.startswith(prefix)}


def record_of(project: Path, cache: Cache, tracking: TrackSettings, what: str) -> Record:
    """
    Raises:
        Refusal: (exit code 69) nothing is called that, or it left no record.
    """
    from xuxie.track.recorded import recorded_run

    if (run := recorded_run(tracking, what)) is not None:
        return of_run(project, run)
    commit = git(project, "rev-parse", "--verify", "--quiet", f"{what}^{{commit}}").stdout.strip()
    if not commit:
        raise unknown(what)
    return of_revision(project, cache, what, commit)


def of_run(project: Path, run: RecordedRun) -> Record:
    """The lock as it was when the run began, and what the stages from train on told of theirs."""
    if not {"dvc.lock", "params.yaml"} <= run.files.keys():
        raise no_record(run.name)
    commit, lock = run.tags.get("git.commit", ""), run.files["dvc.lock"].decode()
    declared = declared_at(project, commit)
    early = set(list(declared)[: list(declared).index(TRAIN)])
    later = [name for name in declared if name not in early]
    why = {name: reason for name in later if (reason := not_comparable(run, name, commit))}
    told = [
        Output(name, path, run.tags[f"dvc.{path}"])
        for name in later
        for path in declared[name]
        if name not in why and f"dvc.{path}" in run.tags
    ]
    dirty = run.tags.get("git.changed") == "yes"
    return Record(
        what=f"运行 run {run.name} ({run.run_id[:8]})",
        commit=commit,
        changed=run.tags.get("git.changed_files", "src, conf") if dirty else "",
        lock=lock,
        params=run.files["params.yaml"],
        read=[name for name in stages_of(lock) if name in early],
        outputs=[out for out in outputs_of(stages_of(lock)) if out.stage in early] + told,
        unknown=why,
        model={name: run.files[name] for name in FACTS if name in run.files},
    )


def not_comparable(run: RecordedRun, name: str, commit: str) -> str:
    if name == TRAIN:
        return "" if f"dvc.{MODEL}" in run.tags else "没有记录 not on record"
    if f"git.commit.{name}" not in run.tags:
        return "没有记录 not on record"
    if run.tags[f"git.commit.{name}"] != commit:
        return "后来由另一个提交重做 made again later, of another commit"
    if run.files.get(f"{name}/params.yaml") != run.files["params.yaml"]:
        return "后来以另外的参数重做 made again later, with other parameters"
    return ""


def of_revision(project: Path, cache: Cache, what: str, commit: str) -> Record:
    """What the lock file of a commit says."""
    shown = {name: git(project, "show", f"{commit}:{name}") for name in ("dvc.lock", "params.yaml")}
    if any(done.returncode for done in shown.values()):
        raise no_record(what)
    lock = shown["dvc.lock"].stdout
    outputs = outputs_of(stages_of(lock))
    return Record(
        what=f"git 版本 revision {what} ({commit[:8]})",
        commit=commit,
        changed="",
        lock=lock,
        params=shown["params.yaml"].stdout.encode(),
        read=list(stages_of(lock)),
        outputs=outputs,
        model=facts_of(outputs, cache),
    )


def facts_of(outputs: list[Output], cache: Cache) -> dict[str, bytes]:
    """From the cache, if it still has that model."""
    reader = Reader(lambda _: None)
    [name] = [out.hash for out in outputs if out.path == MODEL] or [""]
    files = (cache.listing(reader, name) or {}) if name else {}
    places = {fact: cache.place(files[fact]) for fact in FACTS if fact in files}
    return {fact: place.read_bytes() for fact, place in places.items() if place.exists()}


def declared_at(project: Path, commit: str) -> dict[str, list[str]]:
    """Stage -> paths it writes, as dvc.yaml of that commit has it.

    Raises:
        Refusal: git does not know the commit.
    """
    done = git(project, "show", f"{commit}:dvc.yaml")
    if done.returncode:
        raise no_commit(commit)
    return {name: written_paths(stage) for name, stage in read(done.stdout)["stages"].items()}


def unknown(what: str) -> Refusal:
    return Refusal(
        ExitCode.UNAVAILABLE,
        f"没有叫 {what} 的运行、登记版本或 git 版本；运行名见 xuxie ui",
        f"no run, registered version or git revision is called {what}; xuxie ui shows the names",
    )


def no_record(what: str) -> Refusal:
    return Refusal(
        ExitCode.UNAVAILABLE,
        f"{what} 没有留下 dvc.lock 和 params.yaml，无法重做；请改用 git 版本",
        f"{what} left no dvc.lock and params.yaml, so that it cannot be made again;"
        " name a git revision instead",
    )


def no_commit(commit: str) -> Refusal:
    return Refusal(
        ExitCode.UNAVAILABLE,
        f"本仓库没有提交 {commit[:12] or '?'}；请先 git fetch",
        f"this repository has no commit {commit[:12] or '?'}; run git fetch first",
    )
