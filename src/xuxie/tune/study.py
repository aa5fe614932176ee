"""The search as Optuna keeps it, in a database that a killed process leaves good."""

import hashlib
import json
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from xuxie.config import Config
from xuxie.errors import Refusal, bad_parameters
from xuxie.store.lock import held

# Held by the train stage.
TRAINING_LOCK = Path("runs/train.lock")
DONE = (TrialState.COMPLETE, TrialState.PRUNED)
IDENTITY = "identity"


def identity(settings: Config, tokens: str) -> str:
    """Of what the trials have in common: others would not be comparable with them.

    Args:
        tokens: fingerprint of the data they train on.
    """
    told: dict[str, Any] = settings.model_dump(include={"model": True, "train": True})
    told["tune"] = settings.tune.model_dump(exclude={"trials"})
    return hashlib.sha256(json.dumps([told, tokens], sort_keys=True).encode()).hexdigest()


def open_study(database: Path, name: str, settings: Config, tokens: str) -> optuna.Study:
    """The study `name`, begun or gone on with.

    Raises:
        Refusal: it was begun with other settings, ranges or data.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    database.parent.mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        storage=f"sqlite:///{database}",
        study_name=name,
        pruner=optuna.pruners.MedianPruner(n_startup_trials=settings.tune.unpruned),
        direction="minimize",
        load_if_exists=True,
    )
    # Seeded anew with each start: the same draws again would repeat the first trials.
    study.sampler = optuna.samplers.TPESampler(seed=settings.tune.seed + len(study.trials))
    mine = identity(settings, tokens)
    if study.user_attrs.setdefault(IDENTITY, mine) != mine:
        raise other_study(name, database)
    study.set_user_attr(IDENTITY, mine)
    return study


def take_up(study: optuna.Study) -> None:
    """Ask again for what a process that is dead was trying: the same training goes on.

    One process at a time works at a study, under a lock: a trial that runs now has none.
    """
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        with held(TRAINING_LOCK, wait=True):  # its training may still be writing a checkpoint
            pass
        study.tell(trial.number, state=TrialState.FAIL)
        study.enqueue_trial(trial.params)


def done(study: optuna.Study) -> list[FrozenTrial]:
    return study.get_trials(deepcopy=False, states=DONE)


def other_study(name: str, database: Path) -> Refusal:
    return bad_parameters(
        f"搜索 {name} 是以别的配置、范围或数据开始的；请换一个名字，或删除 {database}",
        f"the search {name} was begun with other settings, ranges or data; take another name, or"
        f" delete {database}",
    )
