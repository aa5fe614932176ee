"""A model as a project holds it: the workspace, or a git revision with what DVC kept of it."""

import csv
import io
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from xuxie.compare.subject import Curve, Subject, no_scores, samples_from, scores_from
from xuxie.track.lineage import flat, hashes_in

# The bytes of a file of the project, or None where it is not there.
Reader = Callable[[str], bytes | None]


def workspace() -> Subject:
    """The files that lie here now."""
    changed = git("status", "--porcelain", "--", "src", "conf")
    return subject(read_here, ".", git("rev-parse", "HEAD"), changed=bool(changed))


def revision(word: str, commit: str) -> Subject:
    """The files of a commit; those that DVC tracks come from its cache or a remote.

    Nothing is checked out: the workspace stays as it is.
    """
    from dvc.api import DVCFileSystem

    files = DVCFileSystem(rev=commit)

    def read(path: str) -> bytes | None:
        try:
            return bytes(files.read_bytes(path))
        except OSError:  # not there, or in no cache and no remote
            return None

    return subject(read, f"{word} ({commit[:8]})", commit, changed=False)


def commit_of(word: str) -> str:
    """The commit that `word` names, also as a DVC experiment; empty where it names none."""
    if word.startswith("-"):
        return ""
    if found := git("rev-parse", "--verify", "--quiet", f"{word}^{{commit}}"):
        return found
    experiments = git("for-each-ref", "--format=%(objectname) %(refname)", "refs/exps")
    for line in experiments.splitlines():
        commit, _, name = line.partition(" ")
        if name.rpartition("/")[2] == word:
            return commit
    return ""


def changed_files(first: str, second: str) -> list[str]:
    """Files of src and conf that differ between two commits."""
    if not first or not second or first == second:
        return []
    return git("diff", "--name-only", first, second, "--", "src", "conf").splitlines()


def subject(read: Reader, name: str, commit: str, *, changed: bool) -> Subject:
    """
    Raises:
        Refusal: there are no scores of its documents.
    """
    scores = read("data/scores/test.parquet")
    if scores is None:
        raise no_scores(name)
    settings = flattened(yaml.safe_load(read("params.yaml") or b"{}") or {})
    record = json.loads(read("models/gpt/training.json") or b"{}")
    made = {**record.get("params", {}), **record.get("made_with", {})}
    return Subject(
        name=name,
        run_id="",
        fingerprint=(read("models/gpt/COMPLETE") or b"").decode().strip(),
        params=settings | {key: str(value) for key, value in made.items()},
        commit=commit,
        changed=changed,
        data=hashes_in(read("dvc.lock") or b"{}"),
        scores=scores_from(scores, name),
        samples=samples_from(read("samples/samples.jsonl")),
        curve=curve_from(read("plots/train/loss.csv")),
    )


def flattened(sections: dict[str, dict[str, Any]]) -> dict[str, str]:
    pairs = [flat(section, values).items() for section, values in sections.items()]
    return {key: str(value) for items in pairs for key, value in items}


def curve_from(data: bytes | None) -> Curve:
    rows = csv.DictReader(io.StringIO((data or b"").decode()))
    return [{key: float(value) for key, value in row.items() if value} for row in rows]


def read_here(path: str) -> bytes | None:
    return Path(path).read_bytes() if Path(path).is_file() else None


def git(*words: str) -> str:
    """What git says; nothing where it fails or is not there."""
    try:
        done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
