"""After the training: the judgement, what follows from it, and who is told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from xuxie.compare.noise import read_noise
from xuxie.config import Config
from xuxie.retrain.job import reasons_from
from xuxie.retrain.outcome import Outcome
from xuxie.retrain.places import remember
from xuxie.retrain.prepare import NothingDue
from xuxie.retrain.progress import keep_durations
from xuxie.retrain.steps import Ready

Tell = Callable[[str], None]
NOISE = Path("metrics/noise.json")


def conclude(project: Path, settings: Config, ready: Ready, tell: Tell) -> Outcome:
    """Judge the challenger, promote it or say why not, record it, tell it; the job is over."""
    from xuxie.retrain.judge import Arrived, judge  # type: ignore[import-not-found]
    from xuxie.retrain.ledger import append  # type: ignore[import-not-found]
    from xuxie.retrain.promote import promote  # type: ignore[import-not-found]

    job = ready.job
    judgement: Any = judge(
        ready.champion,
        ready.challenger,
        settings.retrain.gate,
        settings.evaluate.bootstrap,
        noise=read_noise(project / NOISE),
        slower=ready.slower,
        arrived=Arrived(**job.told["arrived"]),
    )
    remember(job.folder(project) / "verdict.json", judgement.to_json())
    outcome = Outcome(judgement.outcome)
    if outcome == Outcome.PROMOTE:
        job.step(project, "promote", lambda: promote(project, settings, ready, judgement))
    job.step(project, "record", lambda: append(outcome.value, facts(ready, judgement)))
    for reason in judgement.reasons:
        tell(f"  {reason.chinese} | {reason.english}")
    job.step(project, "tell", lambda: notify(settings, outcome, ready, judgement))
    keep_durations(project)
    job.close(project)
    return outcome


def facts(ready: Ready, judgement: Any) -> dict[str, Any]:
    """What the journal keeps of a job."""
    job = ready.job
    return {
        "job": job.id,
        "champion": job.champion,
        "challenger": ready.challenger.fingerprint,
        "strategy": job.told.get("way", ""),
        "text": job.told.get("text"),
        "why": job.reasons,
        "notes": job.notes,
        "verdict": judgement.to_json(),
    }


def notify(settings: Config, outcome: Outcome, ready: Ready, judgement: Any) -> None:
    from xuxie.retrain.notices import Notice, tell  # type: ignore[import-not-found]

    reasons = [*reasons_from(ready.job.reasons), *judgement.reasons]
    tell(settings.retrain.notices, Notice(outcome, ready.job.id, reasons))


def nothing(found: NothingDue) -> None:
    """Nothing to do is a result, and is recorded."""
    from xuxie.retrain.ledger import append

    told = [[reason.code, reason.chinese, reason.english] for reason in found.reasons]
    append(Outcome.NOTHING.value, {"job": found.id, "answer": found.answer.value, "why": told})


def failure(job: str, said: str) -> None:
    from xuxie.retrain.ledger import append

    append("failed", {"job": job, "said": said})
