"""`xuxie tune`: search settings of model and train, and write the best as an experiment."""

import re
from pathlib import Path

from rich.console import Console
from tqdm import tqdm

from xuxie.config import Config
from xuxie.errors import Refusal, bad_parameters
from xuxie.store.journal import entries
from xuxie.store.lock import held
from xuxie.store.manifest import fingerprint_of
from xuxie.track.place import root
from xuxie.tune.search import Result, Search
from xuxie.tune.space import Values, check_ranges
from xuxie.tune.study import done, open_study, take_up
from xuxie.tune.training import INPUTS
from xuxie.tune.winner import check_free, write_winner

NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
EXPERIMENTS = Path("conf/experiment")


def run(name: str, settings: Config, console: Console) -> Path | None:
    """Search under `name`; a search of that name that was stopped goes on.

    Returns:
        The experiment that was written, or None where no trial ran to its end.

    Raises:
        Refusal: the name, a range or the data will not do, or a search of that name is running.
    """
    experiment = EXPERIMENTS / f"{name}.yaml"
    check_before(name, experiment, settings)
    folder = root() / "runs/tune" / name
    with held(folder / "lock"):
        tokens = fingerprint_of(Path(INPUTS["tokens"]))
        study = open_study(folder / "study.db", name, settings, tokens)
        take_up(study)
        search = Search(study, settings, folder)
        tell_cost(settings, len(done(study)), console)
        for result in bar(search, settings, len(done(study))):
            tell_result(result, console)
        return write(search, experiment, console)


def check_before(name: str, experiment: Path, settings: Config) -> None:
    if not NAME.fullmatch(name):
        raise bad_name(name)
    if not settings.track.enabled:
        raise untracked()
    check_free(experiment)
    check_ranges(settings)


def bar(search: Search, settings: Config, begun: int) -> "tqdm[Result]":
    total = settings.tune.trials
    return tqdm(search.results(), desc="搜索 tune", total=total, initial=begun, disable=None)


def tell_cost(settings: Config, begun: int, console: Console) -> None:
    """What the search will cost at most, going by the latest training."""
    left = max(0, settings.tune.trials - begun)
    text = f"{left} 次试验，各训练 {settings.tune.epochs:g} × train.epochs"
    english = f"{left} trials, each trained for {settings.tune.epochs:g} of train.epochs"
    costs = [entry for entry, _ in entries(Path("runs/stages.jsonl")) if entry["stage"] == "train"]
    if costs:
        minutes = left * settings.tune.epochs * costs[-1]["seconds"] / 60
        text += f"，按上次训练估计至多 {minutes:.0f} 分钟"
        english += f"; at most {minutes:.0f} minutes, going by the latest training"
    console.print(f"{text} | {english}", markup=False)


def tell_result(result: Result, console: Console) -> None:
    value = "–" if result.value is None else f"{result.value:.4f}"
    chosen = "  ".join(f"{key}={value}" for key, value in result.values.items())
    state = {"COMPLETE": "完成 done", "PRUNED": "剪除 pruned"}[result.trial.state.name]
    console.print(
        f"{result.trial.number:>4}  {value} 比特/字 bits/char  {state}  {chosen}", markup=False
    )


def write(search: Search, experiment: Path, console: Console) -> Path | None:
    values: Values | None = search.winner()
    if values is None:
        console.print(
            "没有一次试验训练到底，未写出实验 | no trial ran to its end: nothing is written"
        )
        return None
    best, tune = search.study.best_value, search.settings.tune
    about = (
        f"the best of {len(done(search.study))} trials of {search.study.study_name},"
        f" {best:.4f} bits per character on validation after {tune.epochs:g} of train.epochs."
    )
    write_winner(experiment, values, about)
    console.print(
        f"最好 best: {best:.4f} 比特/字 bits/char -> {experiment}；"
        f"运行 run it: dvc exp run -S experiment={experiment.stem}",
        markup=False,
    )
    return experiment


def bad_name(name: str) -> Refusal:
    return bad_parameters(
        f"名称 {name!r} 只能用小写字母、数字和 -",
        f"the name {name!r} may hold lower-case letters, digits and - only",
    )


def untracked() -> Refusal:
    return bad_parameters(
        "tune 从运行记录得知各次验证；请设 track.enabled=true",
        "tune learns of validations from the runs' logs; set track.enabled=true",
    )
