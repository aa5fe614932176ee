"""`xuxie retrain`: one run, whatever it comes to; called again, it goes on where it was."""

from collections.abc import Callable
from pathlib import Path

from xuxie.config import Config
from xuxie.errors import Refusal
from xuxie.retrain.conclude import conclude, failure, nothing
from xuxie.retrain.due.policy import Answer
from xuxie.retrain.history.shown import write_page
from xuxie.retrain.job import in_progress
from xuxie.retrain.outcome import Outcome
from xuxie.retrain.places import WORKTREE
from xuxie.retrain.prepare import NothingDue, Wish, prepare
from xuxie.retrain.promotion.push import push_waiting
from xuxie.retrain.promotion.untold import tell_rollback
from xuxie.retrain.steps import Ready
from xuxie.retrain.training.process import clear
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
        push_waiting(project, tell)
        try:
            tell_rollback(project)
            return came_to(project, settings, prepare(project, settings, wish, tell), tell)
        except Refusal as refusal:
            job = in_progress(project)
            failure(project, settings, job.id if job else "", refusal)
            raise
        finally:
            write_page(project)


def came_to(project: Path, settings: Config, found: NothingDue | Ready, tell: Tell) -> Outcome:
    if isinstance(found, Ready):
        return conclude(project, settings, found, tell)
    tell_nothing(found, tell)
    nothing(project, settings, found)
    return Outcome.NOTHING


def tell_nothing(found: NothingDue, tell: Tell) -> None:
    tell(WORDS[found.answer])
    for reason in found.reasons:
        tell(f"  {reason.chinese} | {reason.english}")
