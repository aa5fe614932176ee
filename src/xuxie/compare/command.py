"""`xuxie compare`: gather the models, compare them, show the result and keep it."""

import shutil
import tempfile
from pathlib import Path

from rich.console import Console

from xuxie.compare.comparison import Comparison, compare
from xuxie.compare.gather import Gatherer
from xuxie.compare.noise import read_noise
from xuxie.compare.report import page
from xuxie.compare.subject import Subject
from xuxie.compare.terminal import show
from xuxie.compare.verdict import LETTERS
from xuxie.errors import Refusal, bad_parameters, first_line
from xuxie.evaluate.settings import Bootstrap
from xuxie.store.files import write_text
from xuxie.track.settings import TrackSettings

NOISE = Path("metrics/noise.json")
COMPARED = "xuxie.compared_with"


def run(
    words: list[str],
    bootstrap: Bootstrap,
    tracking: TrackSettings,
    *,
    report: Path,
    log: bool,
    console: Console,
) -> Comparison:
    """Compare the models that `words` name; write `report` and log it to the later ones' runs.

    Raises:
        Refusal: a model is unknown or has no scores, or they scored no document in common.
    """
    if not 2 <= len(words) <= len(LETTERS):
        raise wrong_count(len(words))
    gatherer = Gatherer(tracking)
    found = compare([gatherer.find(word) for word in words], bootstrap, read_noise(NOISE))
    write_text(report, page(found))
    show(found, console)
    console.print(f"报告 report: {report}")
    if log and tracking.enabled:
        keep(gatherer, found.subjects, report, console)
    return found


def keep(gatherer: Gatherer, subjects: list[Subject], report: Path, console: Console) -> None:
    """Log the report to the run of each model but the first, tagged with the first's name.

    The comparison is made: where MLflow fails now, that is said and nothing is lost.
    """
    try:
        first, *others = [gatherer.with_run(subject) for subject in subjects]
        for subject in others:
            if subject.run_id:
                attach(gatherer, first, subject, report)
                console.print(f"已记入 logged to: {subject.name}", markup=False)
    except Exception as error:  # whatever a store or a network throws
        reason = str(error) if isinstance(error, Refusal) else first_line(error)
        console.print(f"未记入 MLflow | not logged to MLflow: {reason}", markup=False)


def attach(gatherer: Gatherer, first: Subject, subject: Subject, report: Path) -> None:
    """Comparisons with several models lie beside each other, one with the same replaces itself."""
    with tempfile.TemporaryDirectory() as folder:
        named = Path(folder) / f"with-{(first.run_id or first.commit)[:8]}.html"
        shutil.copy(report, named)
        gatherer.store.attach(subject.run_id, named, "compare", {COMPARED: first.name})


def wrong_count(count: int) -> Refusal:
    return bad_parameters(
        f"要比较 2 到 {len(LETTERS)} 个模型，而给出了 {count} 个",
        f"2 to {len(LETTERS)} models can be compared, and {count} were named",
    )
