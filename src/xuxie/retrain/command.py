"""`xuxie retrain`: one run, whatever it comes to; called again, it goes on where it was."""

from collections.abc import Callable
from pathlib import Path

from xuxie.config import Config
from xuxie.errors import Refusal
from xuxie.retrain.conclude import conclude, failure, nothing
from xuxie.retrain.due import Answer
from xuxie.retrain.job import in_progress
from xuxie.retrain.outcome import Outcome
from xuxie.retrain.places import WORKTREE
from xuxie.retrain.prepare import NothingDue, Wish, prepare
from xuxie.retrain.process import clear
from xuxie.retrain.turn import turn

Tell = Callable[[str], None]
WORDS = {Answer.WAIT: "等待 waiting", Answer.NOTHING: "无需重训 nothing to do"}


def retrain(project: Path, settings: Config, wish: Wish, tell: Tell, *, wait: bool) -> Outcome:
    """
    Args:
        project: absolute.
        wait: for another retraining to end, instead of refusing.

    Raises:
        Refusal: another retraining runs (75), or a stage failed (its own code).
    """
    with turn(project, wait=wait):
        # What a killed retraining has left running would write into this one's checkout.
        clear(project / WORKTREE)
        try:
            found = prepare(project, settings, wish, tell)
            if isinstance(found, NothingDue):
                tell_nothing(found, tell)
                nothing(project, settings, found)
                return Outcome.NOTHING
            return conclude(project, settings, found, tell)
        except Refusal as refusal:
            job = in_progress(project)
            failure(project, settings, job.id if job else "", refusal)
            raise


def tell_nothing(found: NothingDue, tell: Tell) -> None:
    tell(WORDS[found.answer])
    for reason in found.reasons:
        tell(f"  {reason.chinese} | {reason.english}")
