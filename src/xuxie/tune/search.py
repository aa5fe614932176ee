"""The loop of a search: ask for settings, train, tell how it went."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import optuna
from optuna.trial import FrozenTrial, Trial, TrialState

from xuxie.config import Config
from xuxie.errors import ExitCode, Refusal
from xuxie.tune.space import Values, applied, kept, suggested
from xuxie.tune.study import done
from xuxie.tune.training import Training


@dataclass(frozen=True)
class Result:
    """How a trial went; `value` in bits per character on validation, None for a failed one."""

    trial: FrozenTrial
    values: Values
    value: float | None


class Search:
    """
    Args:
        folder: where each training writes.
    """

    def __init__(self, study: optuna.Study, settings: Config, folder: Path) -> None:
        self.study, self.settings, self.folder = study, settings, folder

    def results(self) -> Iterator[Result]:
        """Train until there are as many trials as asked for; each result as it comes.

        Raises:
            Refusal: a training failed for a reason that the next ones would share.
        """
        while len(done(self.study)) < self.settings.tune.trials:
            trial = self.study.ask()
            values = suggested(trial, self.settings.tune.search)
            whole, best = self.tried(trial, values)
            state = TrialState.COMPLETE if whole else TrialState.PRUNED
            told = self.study.tell(trial, best if whole else None, state=state)
            yield Result(told, values, best)

    def tried(self, trial: Trial, values: Values) -> tuple[bool, float | None]:
        """Whether the trial ran to its end, and the best it reached."""
        scores: list[float] = []

        def behind(number: int, value: float) -> bool:
            scores.append(value)
            trial.report(value, number)
            return trial.should_prune()

        try:
            chosen = applied(self.settings, values, self.settings.tune.epochs)
        except Refusal:  # each value may be, but not these together
            return False, None
        training = self.training(values)
        code = training.run(chosen, behind)
        if code not in {None, 0, ExitCode.DIVERGED}:
            raise failed(training, code)
        return code == 0, min(scores, default=None)

    def training(self, values: Values) -> Training:
        """Named after its values: tried again after a stop, it goes on from its checkpoint."""
        told = json.dumps(values, sort_keys=True).encode()
        name = f"{self.study.study_name}-{hashlib.sha256(told).hexdigest()[:6]}"
        return Training(self.study.study_name, name, self.folder / name)

    def winner(self) -> Values | None:
        """The values of the best trial that ran to its end."""
        complete = self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        if not complete:
            return None
        params = self.study.best_trial.params
        search = self.settings.tune.search
        return {item.key: kept(params[item.key], item) for item in search}


def failed(training: Training, code: int | None) -> Refusal:
    log = training.folder / "log.txt"
    last = (log.read_text(encoding="utf-8").strip().splitlines() or [""])[-1]
    known = {int(known): known for known in ExitCode}
    return Refusal(
        known.get(code or 0, ExitCode.DATA),
        f"试验 {training.name} 失败（退出码 {code}，见 {log}）：{last}",
        f"the trial {training.name} failed (exit code {code}, see {log})",
    )
