"""What is told of a retraining, as a title and a text. Pure."""

from dataclasses import dataclass

from xuxie.retrain.outcome import Outcome, Reason
from xuxie.retrain.places import PAGE

TITLES = {
    Outcome.PROMOTE: ("新冠军上任", "a new champion"),
    Outcome.HOLD: ("冠军留任，请看一眼", "the champion stays; have a look"),
    Outcome.REJECT: ("挑战者被拒绝", "the challenger was rejected"),
    Outcome.NOTHING: ("无需重训", "nothing to do"),
    Outcome.FAILED: ("重训失败", "the retraining failed"),
}


@dataclass(frozen=True)
class Notice:
    """
    job: its id, empty where none was begun.
    """

    outcome: Outcome
    job: str
    reasons: list[Reason]

    def title(self) -> str:
        chinese, english = TITLES[self.outcome]
        return f"xuxie：{chinese} {english}"

    def text(self) -> str:
        """Chinese first; a list in Markdown, which reads well where it is shown as it stands."""
        lines = [f"- {reason.chinese}\n  {reason.english}" for reason in self.reasons]
        where = PAGE.as_posix() + (f"（{self.job}）" if self.job else "")
        return "\n".join([*lines, "", f"报告 report: {where}"])
