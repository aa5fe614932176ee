"""What is tried: from the ranges and Optuna's suggestions to whole, checked settings."""

from typing import Any

from optuna.trial import Trial

from xuxie.config import Config, check
from xuxie.tune.settings import Choice, Integers, Interval, Range

Value = bool | int | float | str
Values = dict[str, Value]
# Of a suggested number: more digits mean nothing, and make the winner hard to read.
DIGITS = 3


def suggested(trial: Trial, search: list[Range]) -> Values:
    return {item.key: suggestion(trial, item) for item in search}


def suggestion(trial: Trial, item: Range) -> Value:
    match item:
        case Choice():
            return kept(trial.suggest_categorical(item.key, item.values), item)
        case Integers():
            return trial.suggest_int(item.key, item.low, item.high)
    return kept(trial.suggest_float(item.key, item.low, item.high, log=item.kind == "log"), item)


def kept(value: Any, item: Range) -> Value:
    """A suggestion as it is used: numbers within an interval with DIGITS digits."""
    if not isinstance(item, Interval):
        chosen: Value = value
        return chosen
    return min(max(float(f"{value:.{DIGITS}g}"), item.low), item.high)


def applied(settings: Config, values: Values, epochs: float = 1.0) -> Config:
    """The settings with these values, trained for a share of their epochs.

    Raises:
        Refusal: a value is out of its key's range, or there is no such key.
    """
    tree: dict[str, Any] = settings.model_dump()
    for key, value in values.items():
        *parents, last = key.split(".")
        section = tree
        for name in parents:
            section = section.setdefault(name, {})
        section[last] = value
    tree["train"]["epochs"] *= epochs
    return check(tree)


def check_ranges(settings: Config) -> None:
    """
    Raises:
        Refusal: an edge of a range is nothing that its key may be.
    """
    for item in settings.tune.search:
        edges = item.values if isinstance(item, Choice) else [item.low, item.high]
        for edge in edges:
            applied(settings, {item.key: edge})
