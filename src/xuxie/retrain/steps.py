"""The steps of a job: each is done once, and bears being done again after a kill."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from xuxie.retrain.due.facts import look_key, remember_look
from xuxie.retrain.due.policy import Answer, Decision, Facts, due
from xuxie.retrain.due.raw import REMOTE, change, listed, listing_from
from xuxie.retrain.due.texts import removed
from xuxie.retrain.gate.candidate import Candidate
from xuxie.retrain.job import CHALLENGER, Job
from xuxie.retrain.outcome import Reason
from xuxie.retrain.places import read_json
from xuxie.retrain.training import basis as bases
from xuxie.retrain.training.basis import ARRIVALS, Basis
from xuxie.retrain.training.candidates import (
    challenger,
    champion_candidate,
    keep_challenger,
    scored_again,
    slower,
)
from xuxie.retrain.training.data import LOCK, make_data, read_text, snapshot, snapshot_of
from xuxie.retrain.training.train import Work
from xuxie.track.lineage import hashes_in

Tell = Callable[[str], None]
SEEN = "seen.json"


@dataclass(frozen=True)
class Ready:
    """A job whose challenger waits for its judgement.

    champion, slower: None the first time; `slower` is how many times the champion's time a token
        takes the challenger.
    """

    job: Job
    champion: Candidate | None
    challenger: Candidate
    slower: float | None


def make(work: Work, tell: Tell) -> None:
    """The steps until it is known whether to train."""
    tree, job, basis = work.tree, work.job, work.basis
    seen = listing_from(read_json(job.folder(work.project) / SEEN) or {})
    if "data" not in job.done:
        tell("数据快照与清洗 snapshot of the data, and its cleaning")
    job.step(work.project, "snapshot", lambda: snapshot(tree, job, basis, seen))
    job.step(work.project, "data", lambda: make_data(tree, job, basis, work.tell))
    job.step(work.project, "due", lambda: decide(work))
    for line in job.reasons:
        tell(f"  {line[1]} | {line[2]}")


def decide(work: Work) -> None:
    """Whether to train, now that the new text can be read."""
    job, settings = work.job, work.settings.retrain.due
    text = read_text(work.tree, job, work.settings, work.champion, work.basis)
    facts = Facts(**(job.told["facts"] | {"text": text}))
    # Obstacles were looked for before there was anything to lose by waiting.
    decision: Decision = due(replace(facts, quiet_minutes=None), settings)
    if job.reasons:
        decision = Decision(Answer.DUE, [])
    job.because(*decision.reasons)
    thrown = removed(work.tree.folder / "data/clean/removed.parquet", work.basis.arrival)
    job.told["arrived"] = {
        "documents": text.documents + sum(thrown.values()),
        "removed": thrown,
        "distance": text.excess,
    }
    seen = snapshot_of(work.project, job)
    remember_look(work.project, look_key(work.champion, job.commit), seen, text)
    job.tell(work.project, text=asdict(text), go=decision.answer == Answer.DUE)


def keep(work: Work) -> None:
    """What must outlive the checkout, and what the next retraining must know of this one."""
    project, job = work.project, work.job
    keep_challenger(work.tree, job.folder(project) / CHALLENGER)
    note_newer(work)
    trained = challenger(job.folder(project) / CHALLENGER, {})
    found = Basis(
        arrival=bases.last_arrival(work.tree.folder / ARRIVALS),
        trained=job.began,
        settings=str(job.told["settings"]),
        raw=snapshot_of(project, job),
        lineage=lineage(work),
        lock=(job.folder(project) / LOCK).read_text(encoding="utf-8"),
        arrivals=work.tree.folder / ARRIVALS,
    )
    bases.keep(project, trained.fingerprint, found)
    job.told["challenger"] = trained.fingerprint
    bases.forget_old(project, work.champion)


def lineage(work: Work) -> dict[str, str]:
    """What the registry is to know of the challenger."""
    job, folder = work.job, work.job.folder(work.project) / CHALLENGER
    hashes = hashes_in((folder / "dvc.lock").read_bytes())
    told = {
        "job": job.id,
        "trigger": job.trigger,
        "git.commit": job.commit,
        "strategy": str(job.told["way"]),
        "champion": job.champion["version"] if job.champion else "",
        "champion.fingerprint": job.champion["fingerprint"] if job.champion else "",
    }
    return told | {f"dvc.{path}": md5 for path, md5 in hashes.items()}


def note_newer(work: Work) -> None:
    """What arrived meanwhile is left to the next retraining; one line says so."""
    before = {n: f for n, f in snapshot_of(work.project, work.job).items() if f.state != REMOTE}
    found = change(before, listed(work.project, before))
    if found.changed or found.removed:
        work.job.note(newer(len(found.changed), len(found.removed)))


def newer(changed: int, removed: int) -> Reason:
    return Reason(
        "newer_data",
        f"训练期间又有 {changed} 个文件新增或改动、{removed} 个删去；留给下一次重训",
        f"{changed} files came or changed and {removed} went while it trained: they are left to"
        " the next retraining",
    )


def candidates(work: Work) -> Ready:
    """From what was kept; the champion is scored on the same documents, unless it has been."""
    project, job = work.project, work.job
    folder = job.folder(project) / CHALLENGER
    found = challenger(folder, lineage(work))
    if work.champion is None:
        return Ready(job, None, found, None)
    scored = scored_again(work.tree, work.champion)
    before = champion_candidate(work.champion, scored, work.basis.lineage)
    if "slower" not in job.told:
        job.tell(project, slower=slower(work.tree, before.model, found.model))
    return Ready(job, before, found, job.told["slower"])
