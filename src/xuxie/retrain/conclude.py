"""After the training: the judgement, what follows from it, and who is told."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xuxie.compare.noise import read_noise
from xuxie.config import Config
from xuxie.errors import Refusal
from xuxie.retrain.due.judged import circumstances, remember_judged
from xuxie.retrain.history.shown import attach, write_page
from xuxie.retrain.job import CHALLENGER, reasons_from
from xuxie.retrain.outcome import Outcome, Reason
from xuxie.retrain.places import NOISE, PAGE, remember
from xuxie.retrain.prepare import NothingDue
from xuxie.retrain.progress import keep_durations
from xuxie.retrain.promotion.push import push_champion
from xuxie.retrain.steps import Ready
from xuxie.retrain.training.data import snapshot_of

if TYPE_CHECKING:
    from xuxie.retrain.gate.judge import Judgement
    from xuxie.retrain.promotion.promote import Promotion

Tell = Callable[[str], None]
# Into git with a promotion, beside the metrics.
RECORDS = ("dvc.lock", "params.yaml")


def conclude(project: Path, settings: Config, ready: Ready, tell: Tell) -> Outcome:
    """Judge the challenger, promote it or say why not, record it, tell it; the job is over."""
    job, judgement = ready.job, judged(project, settings, ready)
    for reason in judgement.reasons:
        tell(f"  {reason.chinese} | {reason.english}")
    if judgement.outcome == Outcome.PROMOTE:
        job.step(project, "promote", lambda: promoted(project, settings, ready, judgement))
        job.step(project, "push", lambda: push_champion(project, job.id, tell))
    job.step(project, "judged", lambda: not_again(project, settings, ready, judgement))
    job.step(project, "record", lambda: recorded(project, ready, judgement))
    job.step(project, "show", lambda: shown(project, settings, ready, judgement, tell))
    job.step(project, "tell", lambda: notify(settings, ready, judgement))
    keep_durations(project)
    job.close(project)
    return judgement.outcome


def judged(project: Path, settings: Config, ready: Ready) -> "Judgement":
    """The same each time, so that a job that was killed after it may ask again."""
    from xuxie.retrain.gate.judge import Arrived, judge

    return judge(
        ready.champion,
        ready.challenger,
        settings.retrain.gate,
        settings.evaluate.bootstrap,
        noise=read_noise(project / NOISE),
        slower=ready.slower,
        arrived=Arrived(**ready.job.told["arrived"]),
    )


def promoted(project: Path, settings: Config, ready: Ready, judgement: "Judgement") -> None:
    from xuxie.retrain.promotion.promote import promote

    promote(project, settings.track, promotion(project, ready, judgement))


def promotion(project: Path, ready: Ready, judgement: "Judgement") -> "Promotion":
    from xuxie.retrain.promotion.promote import Promotion

    folder = ready.job.folder(project) / CHALLENGER
    metrics = {f"metrics/{path.name}": path for path in sorted((folder / "metrics").iterdir())}
    files = {name: folder / name for name in RECORDS} | metrics
    return Promotion(
        job=ready.job.id,
        base=ready.job.commit,
        expected=ready.champion.name if ready.champion else None,
        challenger=ready.challenger,
        verdict=judgement.to_json(),
        files={name: path.read_bytes() for name, path in files.items() if path.is_file()},
    )


def not_again(project: Path, settings: Config, ready: Ready, judgement: "Judgement") -> None:
    """The same text is not trained on every night anew, nor after its model was rolled back."""
    job = ready.job
    key = circumstances(project, settings, job.previous(project), job.commit, job.strategy)
    remember_judged(project, key, snapshot_of(project, job), job.id, judgement.outcome)


def recorded(project: Path, ready: Ready, judgement: "Judgement") -> None:
    """What the journal keeps of a job: once, though a kill came between its line and ours."""
    from xuxie.retrain.promotion.ledger import append, entries

    job = ready.job
    if any(entry["kind"] == "verdict" and entry.get("job") == job.id for entry in entries(project)):
        return
    facts: dict[str, Any] = {
        "job": job.id,
        "outcome": judgement.outcome.value,
        "champion": job.champion,
        "challenger": ready.challenger.fingerprint,
        "strategy": job.told["way"],
        "trigger": job.trigger,
        "text": job.told["text"],
        "why": job.reasons,
        "notes": job.notes,
        "verdict": judgement.to_json(),
    }
    append("verdict", facts, project)


def shown(
    project: Path, settings: Config, ready: Ready, judgement: "Judgement", tell: Tell
) -> None:
    folder, told = ready.job.folder(project), judgement.to_json()
    write_page(project, folder / PAGE.name)
    remember(folder / "verdict.json", told)
    if settings.track.enabled:
        attach(settings.track, ready.challenger.fingerprint, told, folder, tell)


def notify(settings: Config, ready: Ready, judgement: "Judgement") -> None:
    from xuxie.retrain.notices import Notice, tell

    reasons = [*judgement.reasons, *reasons_from(ready.job.reasons)]
    tell(settings.retrain.notices, Notice(judgement.outcome, ready.job.id, reasons))


def nothing(project: Path, settings: Config, found: NothingDue) -> None:
    """Nothing to do is a result, is recorded, and told to who asked for that."""
    from xuxie.retrain.notices import Notice, tell
    from xuxie.retrain.promotion.ledger import append

    told = [[reason.code, reason.chinese, reason.english] for reason in found.reasons]
    facts = {"job": found.id, "answer": found.answer.value, "why": told}
    append(Outcome.NOTHING.value, facts, project)
    tell(settings.retrain.notices, Notice(Outcome.NOTHING, found.id, found.reasons))


def failure(project: Path, settings: Config, job: str, refusal: Refusal) -> None:
    from xuxie.retrain.notices import Notice, tell
    from xuxie.retrain.promotion.ledger import append

    append(Outcome.FAILED.value, {"job": job, "said": str(refusal)}, project)
    reason = Reason(Outcome.FAILED.value, *refusal.languages)
    tell(settings.retrain.notices, Notice(Outcome.FAILED, job, [reason]))
