"""Text that was trained on from this champion and judged: made again, it would end the same.

A training is exact: the same text, commit and champion make the same challenger. Without this, each
night after a HOLD would train, judge and tell the same once more, until other text comes; and the
night after a rollback would promote the model that a person has just taken back.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from xuxie.config import Config
from xuxie.retrain.due.facts import contents, look_key
from xuxie.retrain.due.raw import Listing
from xuxie.retrain.outcome import Outcome, Reason
from xuxie.retrain.places import JUDGED, NOISE, Champion, read_json, remember

WORDS = {
    Outcome.HOLD: ("评判为保留", "was judged: hold"),
    Outcome.REJECT: ("评判为拒绝", "was judged: reject"),
    # Of a champion whose successor this was: it rules again.
    Outcome.PROMOTE: ("晋升后又被回退", "was promoted and rolled back"),
}


def circumstances(
    project: Path, settings: Config, champion: Champion | None, commit: str, strategy: str
) -> dict[str, str]:
    """What a verdict depends on, beside the raw data."""
    noise = project / NOISE
    kept = {
        "strategy": strategy,
        "training": settings.retrain.training.model_dump(),
        "gate": settings.retrain.gate.model_dump(),
        "bootstrap": settings.evaluate.bootstrap.model_dump(),
        "noise": noise.read_text(encoding="utf-8") if noise.is_file() else "",
    }
    told = json.dumps(kept, sort_keys=True).encode()
    return look_key(champion, commit) | {"settings": hashlib.sha256(told).hexdigest()}


def remember_judged(
    project: Path, key: dict[str, str], raw: Listing, job: str, outcome: Outcome
) -> None:
    values = {"key": key, "raw": contents(raw), "job": job, "outcome": outcome.value}
    remember(project / JUDGED, values)


def judged_before(project: Path, key: dict[str, str], raw: Listing) -> Reason | None:
    """What came of the same text in the same circumstances; None if it is to be tried."""
    told: dict[str, Any] | None = read_json(project / JUDGED)
    if told is None or told["key"] != key or told["raw"] != contents(raw):
        return None
    chinese, english = WORDS[Outcome(told["outcome"])]
    return Reason(
        "judged",
        f"重训 {told['job']} 已用这批文本训练过，{chinese}；等别的文本，或用 --force 重来",
        f"retraining {told['job']} has trained on this text and {english}; waiting for other text,"
        " or for --force",
    )
