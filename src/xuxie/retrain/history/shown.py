"""Where a retraining is shown: the page of the project, and the challenger's run in MLflow."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xuxie.errors import Refusal, first_line
from xuxie.retrain.places import PAGE
from xuxie.retrain.promotion.ledger import entries
from xuxie.store.files import write_text
from xuxie.track.champion import champion

if TYPE_CHECKING:  # a page is written after a rollback, which has no time to import MLflow
    from xuxie.track.settings import TrackSettings

# Where a run keeps what became of it.
FOLDER = "retrain"


def write_page(project: Path, path: Path = PAGE) -> None:
    from xuxie.retrain.history.page import page

    write_text(project / path, page(list(entries(project)), champion(project)))


def attach(
    tracking: "TrackSettings",
    fingerprint: str,
    verdict: dict[str, Any],
    folder: Path,
    tell: Callable[[str], None],
) -> None:
    """Log the verdict and the job's page to the run that trained the challenger.

    The judgement stands without it: where MLflow fails now, that is said and nothing is lost.

    Args:
        folder: of the job, where verdict and page lie.
    """
    from xuxie.track.lookup import Lookup

    tags = {"retrain.outcome": verdict["outcome"], "retrain.why": why(verdict)}
    try:
        store = Lookup(tracking)
        if run := store.trained(fingerprint):
            store.attach(run.run_id, folder / "verdict.json", FOLDER, tags)
            store.attach(run.run_id, folder / PAGE.name, FOLDER, {})
    except Exception as error:  # whatever a store or a network throws
        reason = str(error) if isinstance(error, Refusal) else first_line(error)
        tell(f"判决未记入 MLflow | the verdict is not logged to MLflow: {reason}")


def why(verdict: dict[str, Any]) -> str:
    return "; ".join(reason["english"] for reason in verdict["reasons"])
