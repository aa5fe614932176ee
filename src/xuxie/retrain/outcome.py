"""What a retraining comes to, and why."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """
    NOTHING: nothing was due; no model was trained.
    PROMOTE: the challenger becomes champion.
    HOLD: neither better nor worse beyond doubt; the champion stays, a person may look.
    REJECT: the challenger is worse, or breaks a guard.
    FAILED: it came to no verdict.
    """

    NOTHING = "nothing"
    PROMOTE = "promote"
    HOLD = "hold"
    REJECT = "reject"
    FAILED = "failure"


@dataclass(frozen=True)
class Reason:
    """
    code: stable, for programs, such as `worse_on_source`.
    chinese, english: a sentence for a person, with the figures.
    """

    code: str
    chinese: str
    english: str
