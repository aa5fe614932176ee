"""The training of a challenger by `dvc repro`, and the decision between its two ways."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xuxie.config import Config
from xuxie.errors import ExitCode, Refusal
from xuxie.retrain.job import Job
from xuxie.retrain.outcome import Reason
from xuxie.retrain.places import Champion, read_json
from xuxie.retrain.training.basis import Basis
from xuxie.retrain.training.candidates import scored_again, table_of
from xuxie.retrain.training.data import (
    LOCK,
    PARAMS,
    compose,
    lock_is_whole,
    params_of,
    write_params,
)
from xuxie.retrain.training.forgetting import Change, changes, enough, forgets, too_much
from xuxie.retrain.training.strategy import (
    CONTINUE,
    SCRATCH,
    START,
    attempts,
    continued,
    diverged,
    gained,
    no_gain,
    only_start,
)
from xuxie.retrain.training.worktree import Worktree, stage_failed
from xuxie.store.records import read_table

Tell = Callable[[str], None]
HELD_OUT = ("test", "fresh")
METRICS = Path("metrics/train.json")


@dataclass(frozen=True)
class Work:
    """What all steps of a job need."""

    tree: Worktree
    job: Job
    settings: Config
    champion: Champion | None
    basis: Basis
    tell: Tell

    @property
    def project(self) -> Path:
        return self.tree.project


def train(work: Work) -> None:
    """Leave the challenger in the checkout: its model, scores and samples."""
    ways = planned(work)
    for way in ways[ways.index(work.job.told.get("way", ways[0])) :]:
        last = way == ways[-1]
        if refused := tried(work, way, last=last):
            work.job.because(*refused)
            continue
        return


def planned(work: Work) -> list[str]:
    """Decided once: what was begun is gone on with."""
    if "ways" not in work.job.told:
        champion = work.champion if usable(work) else None
        ways, why = attempts(
            work.job.strategy,
            champion=champion is not None,
            new_training_documents=new_training_documents(work),
            settings_changed=work.basis.settings != work.job.told["settings"],
        )
        work.job.because(*why)
        work.job.tell(work.project, ways=ways)
    return list(work.job.told["ways"])


def usable(work: Work) -> bool:
    return work.champion is not None and (work.champion.model / "config.json").is_file()


def new_training_documents(work: Work) -> int:
    table = read_table(work.tree.folder / "data/splits/train.parquet", ["arrival"])
    return sum(number > work.basis.arrival for number in table["arrival"].to_pylist())


def tried(work: Work, way: str, *, last: bool) -> list[Reason]:
    """Train this way; reasons to train another way, where there is one."""
    before = (work.job.folder(work.project) / LOCK).read_text(encoding="utf-8")
    if work.job.told.get("way") != way or not lock_is_whole(work.tree, before):
        begin(work, way)
        work.job.tell(work.project, way=way)
    if way == CONTINUE and not last and (useless := tried_in_vain(work, way)):
        return [useless]
    work.tree.repro(name=run_name(work, way), tell=work.tell)
    if way == SCRATCH or work.champion is None:
        return []
    return forgotten(work, work.champion, last=last)


def tried_in_vain(work: Work, way: str) -> Reason | None:
    """Train, and no more: what gained nothing is not worth an evaluation."""
    try:
        work.tree.repro("train", name=run_name(work, way), tell=work.tell)
    except Refusal as refusal:
        if refusal.code != ExitCode.DIVERGED:
            raise
        return diverged()
    return None if gained(read_json(work.tree.folder / METRICS) or {}) else no_gain()


def forgotten(work: Work, champion: Champion, *, last: bool) -> list[Reason]:
    """What a continued model has lost of what the champion knew, if that is too much."""
    found = compared(work, champion)
    limit = work.settings.retrain.training.forgetting
    lost = forgets(found, limit)
    if lost and not last:
        return [too_much(part, limit) for part in lost]
    work.job.because(enough(found))
    return []


def run_name(work: Work, way: str) -> str:
    return work.tree.name + ("-continue" if way == CONTINUE else "")


def begin(work: Work, way: str) -> None:
    """The data as the data stages left it, and what this way changes. Checkpoints stay."""
    folder = work.tree.folder
    shutil.copyfile(work.job.folder(work.project) / LOCK, folder / "dvc.lock")
    shutil.rmtree(folder / "models/start" / START, ignore_errors=True)
    compose(work.tree)
    work.tree.dvc("checkout", "--force", "--allow-missing", "--quiet")
    if way == CONTINUE and work.champion is not None:
        begin_from(work, work.champion)


def begin_from(work: Work, champion: Champion) -> None:
    """Put the champion where fetch looks for a model to start from, and have fetch bring it.

    Fetch's other output lies here already, by the same pins: it is not downloaded again, and DVC
    is told that all is as fetch would have made it.
    """
    tree, training = work.tree, work.settings.retrain.training
    shutil.copytree(champion.model, tree.folder / "models/start" / START)
    params = params_of(tree)
    own = continued(params, training, after=work.basis.arrival)
    write_params(tree.folder / "runs/start.yaml", only_start(own))
    paths = {
        "params": "runs/start.yaml",
        "start": "models/start",
        "out": "runs/start/raw",
        "pretrained": "models/pretrained",
        "metrics": "runs/start/fetch.json",
    }
    words = (word for name, value in paths.items() for word in (f"--{name}", value))
    if code := tree.python("xuxie.fetch", *words):
        raise stage_failed("fetch", code, tree.log)
    write_params(tree.folder / PARAMS, own)
    if code := tree.dvc("commit", "--force", "fetch"):
        raise stage_failed("fetch", code, tree.log)


def compared(work: Work, champion: Champion) -> Change:
    """The continued model against the champion, on old and on new held-out text."""
    before = scored_again(work.tree, champion)
    splits = work.tree.folder / "data/splits"
    known: list[Any] = []
    for part in HELD_OUT:
        table = read_table(splits / f"{part}.parquet", ["id", "arrival"])
        pairs = zip(table["id"].to_pylist(), table["arrival"].to_pylist(), strict=True)
        known += [name for name, arrival in pairs if arrival <= work.basis.arrival]
    return changes(
        table_of(before / "scores/test.parquet"),
        table_of(work.tree.folder / "data/scores/test.parquet"),
        known,
        work.settings.evaluate.bootstrap,
    )
