"""The first steps of a job: its checkout, its raw data, and what the data stages make of them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import yaml

from xuxie.config import Config, load
from xuxie.proof.cache import cache_of
from xuxie.proof.lock import stages_of
from xuxie.retrain.due.policy import Drift, NewText
from xuxie.retrain.due.raw import REMOTE, Listing, listing_from, plain
from xuxie.retrain.due.texts import new_text
from xuxie.retrain.job import Job
from xuxie.retrain.outcome import Reason
from xuxie.retrain.places import Champion, read_json, remember
from xuxie.retrain.training.basis import ARRIVALS, Basis, settings_hash
from xuxie.retrain.training.snapshot import take
from xuxie.retrain.training.strategy import Params
from xuxie.retrain.training.worktree import Worktree, check_out, lock_in_use, uncommitted
from xuxie.store.files import write_text

RAW_LISTING, LOCK = "raw.json", "data.lock"
PARAMS = Path("params.yaml")
Tell = Callable[[str], None]


def snapshot(tree: Worktree, job: Job, basis: Basis, seen: Listing) -> None:
    """The checkout with the data of the basis, the raw data of now, and the parameters of conf/.

    Args:
        seen: the listing that made the retraining due; remote files stand in it alone.
    """
    project, folder = tree.project, tree.folder
    cache = cache_of(project)
    check_out(tree, job.commit, cache, basis.lock)
    tree.dvc("checkout", "--force", "--allow-missing", "--quiet")
    go_on_from(basis, folder)
    raw = take(project, folder, cache)
    raw |= {name: file for name, file in seen.items() if file.state == REMOTE}
    remember(job.folder(project) / RAW_LISTING, plain(raw))
    if changed := uncommitted(project):
        job.note(not_committed(changed, job.commit))
    compose(tree)
    job.told["settings"] = settings_hash(params_of(tree))


def go_on_from(basis: Basis, folder: Path) -> None:
    """New text gets the number after the last that the basis knows; no old number moves."""
    if basis.arrivals is None or not basis.arrivals.is_dir():
        return
    shutil.rmtree(folder / ARRIVALS, ignore_errors=True)
    shutil.copytree(basis.arrivals, folder / ARRIVALS)


def compose(tree: Worktree) -> None:
    """params.yaml as plain `dvc repro` would have it.

    Raises:
        Refusal: conf/ does not compose, or a value in it is wrong.
    """
    (tree.folder / PARAMS).unlink(missing_ok=True)
    tree.python("xuxie.params", "--conf", "conf", "--out", str(PARAMS))
    load(tree.folder / PARAMS)


def params_of(tree: Worktree) -> Params:
    return dict(yaml.safe_load((tree.folder / PARAMS).read_text(encoding="utf-8")))


def write_params(path: Path, params: Params) -> None:
    write_text(path, yaml.safe_dump(params, allow_unicode=True, sort_keys=False))


def make_data(tree: Worktree, job: Job, basis: Basis, tell: Tell) -> None:
    """`dvc repro split`. What lies at addresses is no dependency that DVC sees: it is read anew."""
    if not lock_is_whole(tree, basis.lock):
        (tree.folder / "dvc.lock").unlink(missing_ok=True)
        if basis.lock:
            write_text(tree.folder / "dvc.lock", basis.lock)
    if any(file.state == REMOTE for file in snapshot_of(tree.project, job).values()):
        tree.repro("ingest", tell=tell)
        tree.repro("--force", "--single-item", "ingest", tell=tell)
    tree.repro("split", tell=tell)
    shutil.copyfile(tree.folder / "dvc.lock", job.folder(tree.project) / LOCK)


def lock_is_whole(tree: Worktree, before: str | None) -> bool:
    """DVC writes dvc.lock in place: a kill may leave half of it.

    Args:
        before: an earlier state of it, which listed no stage that it does not.
    """
    found = lock_in_use(tree.folder)
    wanted = stages_of(before).keys() if before else set()
    return found is not None and wanted <= stages_of(found).keys()


def snapshot_of(project: Path, job: Job) -> Listing:
    return listing_from(read_json(job.folder(project) / RAW_LISTING) or {})


def read_text(
    tree: Worktree, job: Job, settings: Config, champion: Champion | None, basis: Basis
) -> NewText:
    """What is new since the basis, and how the champion does on it."""
    found = new_text(tree.folder / "data/clean/kept.parquet", basis.arrival)
    if champion is None or not found.documents or settings.retrain.due.drift is None:
        return found
    return NewText(**(vars(found) | {"drift": drift(tree, job, settings, champion, basis)}))


def drift(
    tree: Worktree, job: Job, settings: Config, champion: Champion, basis: Basis
) -> Drift | None:
    out = job.folder(tree.project) / "drift.json"
    words = {
        "model": str(champion.model),
        "clean": "data/clean",
        "splits": "data/splits",
        "params": str(PARAMS),
        "after": str(basis.arrival),
        "characters": str(settings.retrain.due.sample_characters),
        "out": str(out),
    }
    code = tree.python(
        "xuxie.retrain.due.drift",
        *(word for name, value in words.items() for word in ("--" + name, value)),
    )
    told = read_json(out) if code == 0 else None
    if code:
        job.note(no_drift(tree.log))
    return Drift(**told) if told else None


def not_committed(changed: list[str], commit: str) -> Reason:
    names = ", ".join(changed[:5]) + (" …" if len(changed) > 5 else "")
    return Reason(
        "not_committed",
        f"未提交的改动不参与重训：{names}（用的是提交 {commit[:8]}）",
        f"what is not committed takes no part: {names} (commit {commit[:8]} is used)",
    )


def no_drift(log: Path) -> Reason:
    return Reason(
        "no_drift",
        f"未能用冠军为新文本评分，见 {log}",
        f"the champion could not score the new text, see {log}",
    )
