"""From the question whether a retraining is due to a champion and a challenger to be judged."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from xuxie.config import Config
from xuxie.errors import Refusal
from xuxie.retrain.due.facts import Seen, contents, look, look_key, looked_before
from xuxie.retrain.due.judged import circumstances, judged_before
from xuxie.retrain.due.policy import Answer, Decision, due
from xuxie.retrain.due.raw import at_addresses, listed, plain
from xuxie.retrain.job import Job, begun, in_progress, reasons_from
from xuxie.retrain.outcome import Reason
from xuxie.retrain.places import WORKTREE, Champion, champion, remember
from xuxie.retrain.progress import keep_durations, stage_told
from xuxie.retrain.promotion.ledger import moves
from xuxie.retrain.steps import SEEN, Ready, candidates, keep, make
from xuxie.retrain.training import basis as bases
from xuxie.retrain.training.basis import Basis
from xuxie.retrain.training.data import snapshot_of
from xuxie.retrain.training.train import Work, train
from xuxie.retrain.training.worktree import Worktree, head

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Wish:
    """
    strategy: empty for the configured one.
    trigger: what asked: command, schedule, the name of a CI.
    """

    force: bool
    strategy: str
    trigger: str


@dataclass(frozen=True)
class NothingDue:
    """
    id: of the job that looked; empty where no text had to be read.
    """

    id: str
    answer: Answer
    reasons: list[Reason]


def prepare(project: Path, settings: Config, wish: Wish, tell: Tell) -> NothingDue | Ready:
    """Finish the job that an earlier process began, or begin one if it is due.

    Raises:
        Refusal: a stage failed, or something it needs is not to be had; the job can be gone on
            with.
    """
    job = unfinished(project, settings, tell)
    if job is None:
        found = begin(project, settings, wish)
        if isinstance(found, NothingDue):
            return found
        job = found
    try:
        return carried_out(project, settings, job, tell)
    except Refusal as refusal:
        job.failed = str(refusal)
        job.save(project)
        raise


def begin(project: Path, settings: Config, wish: Wish) -> NothingDue | Job:
    ruling, commit = champion(project), head(project)
    strategy = wish.strategy or settings.retrain.training.strategy
    seen = look(project, settings, ruling, basis_for(project, ruling), forced=wish.force)
    decision = decided(project, settings, seen, look_key(ruling, commit))
    if decision.answer in (Answer.NOTHING, Answer.WAIT):
        return NothingDue("", decision.answer, decision.reasons)
    key = circumstances(project, settings, ruling, commit, strategy)
    if not wish.force and (judged := judged_before(project, key, seen.raw)):
        return NothingDue("", Answer.NOTHING, [judged])
    job = begun(
        project,
        trigger=wish.trigger,
        commit=commit,
        strategy=strategy,
        forced=wish.force,
        champion=ruling,
    )
    remember(job.folder(project) / SEEN, plain(seen.raw))
    if decision.answer == Answer.DUE:
        job.because(*decision.reasons)
    job.tell(project, facts=asdict(seen.facts), files=seen.change.changed[:100])
    return job


def decided(project: Path, settings: Config, seen: Seen, key: dict[str, str]) -> Decision:
    """LOOK only where the new text was not read before."""
    decision = due(seen.facts, settings.retrain.due)
    text = looked_before(project, key, seen.raw) if decision.answer == Answer.LOOK else None
    return due(replace(seen.facts, text=text), settings.retrain.due) if text else decision


def basis_for(project: Path, ruling: Champion | None) -> Basis:
    """The first training of all sees everything as new, and goes on from the workspace's data."""
    if ruling is not None:
        return bases.of_champion(project, ruling)
    return replace(bases.of_workspace(project), arrival=0)


def unfinished(project: Path, settings: Config, tell: Tell) -> Job | None:
    """The job that a killed process has left; a failed one only if all is still as it was."""
    job = in_progress(project)
    if job is None:
        return None
    if overtaken(project, job) or (job.failed and moved_on(project, settings, job)):
        why = job.failed or "另有模型成为冠军 another model has become champion"
        tell(f"放弃重训 giving up the retraining {job.id}: {why}")
        keep_durations(project)
        job.close(project)
        return None
    tell(f"继续重训 going on with retraining {job.id}（已完成 done: {', '.join(job.done) or '–'}）")
    job.failed = ""
    return job


def overtaken(project: Path, job: Job) -> bool:
    """Whether the champion is neither the one that the job found, nor the job's own model.

    Nor is a job gone on with whose model became champion and was rolled back meanwhile.
    """
    now, before = champion(project), job.champion or {}
    own, ruling = job.told.get("challenger"), now.fingerprint if now else None
    if ruling == own:
        return False
    promoted = any(move.get("job") == job.id for move in moves(project))
    return promoted or ruling != before.get("fingerprint")


def moved_on(project: Path, settings: Config, job: Job) -> bool:
    """Whether code or raw data are others than those the job failed with."""
    if job.commit != head(project) or "snapshot" not in job.done:
        return True
    before = snapshot_of(project, job)
    now = listed(project, before) | at_addresses(settings.ingest.addresses)
    return contents(before) != contents(now)


def carried_out(project: Path, settings: Config, job: Job, tell: Tell) -> NothingDue | Ready:
    log = job.folder(project) / "log.txt"
    tree = Worktree(project, WORKTREE, f"retrain-{job.id}", job.trigger, log)
    ruling = job.previous(project)
    work = Work(tree, job, settings, ruling, basis_for(project, ruling), stage_told(project, tell))
    tell(f"重训 retraining {job.id}；日志 log: {log.relative_to(project)}")
    make(work, tell)
    if not job.told["go"]:
        reasons = reasons_from(job.reasons)
        keep_durations(project)
        job.close(project)
        return NothingDue(job.id, Answer.NOTHING, reasons)
    tell("训练挑战者 training the challenger")
    job.step(project, "train", lambda: train(work))
    job.step(project, "keep", lambda: keep(work))
    return candidates(work)
