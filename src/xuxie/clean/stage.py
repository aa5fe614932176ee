"""Make every document regular, mask identifiers, set aside with its reason what should not be
learned from, and show it."""

import shutil
from pathlib import Path
from typing import Any

from xuxie.clean.divide import divide
from xuxie.clean.examine import Examined, examine
from xuxie.clean.plan import policies
from xuxie.clean.regular import Regular, made_regular
from xuxie.clean.report import page
from xuxie.clean.samples import samples
from xuxie.clean.settings import CleanSettings
from xuxie.clean.summary import reason_rows, summary
from xuxie.engine.session import start
from xuxie.engine.settings import EngineSettings
from xuxie.errors import Refusal, bad_data
from xuxie.store.directories import whole_directory
from xuxie.store.files import write_csv, write_json, write_text


def run(
    settings: CleanSettings,
    engine: EngineSettings,
    *,
    documents: Path,
    out: Path,
    metrics: Path,
    reasons: Path,
    lengths: Path,
    report: Path,
) -> None:
    start(engine)
    source = documents / "documents.parquet"
    with whole_directory(out) as folder:
        scratch = folder / "scratch"
        scratch.mkdir()
        regular, examined = passes(source, scratch, settings, engine)
        figures = summary(regular, examined, policies(settings))
        if not figures["documents"]["kept"]:
            raise nothing_left(figures)
        divide(examined, folder)
        shown = page(figures, samples(source, regular, examined))
        shutil.rmtree(scratch)
    write_csv(reasons, ("source", "reason", "documents"), reason_rows(figures))
    write_csv(lengths, ("characters", "documents"), [tuple(row) for row in figures["lengths"]])
    write_json(metrics, figures)
    write_text(report, shown)


def passes(
    source: Path, scratch: Path, settings: CleanSettings, engine: EngineSettings
) -> tuple[Regular, Examined]:
    """What needs the texts, on the engine."""
    regular = made_regular(source, scratch, settings, engine)
    return regular, examine(regular, scratch, settings, engine)


def nothing_left(figures: dict[str, Any]) -> Refusal:
    reasons = ", ".join(f"{reason} {number}" for reason, number in figures["removed"].items())
    return bad_data(
        f"清洗后没有留下文档（{reasons}）；请检查文本，或放宽 conf/clean 的阈值",
        f"clean kept 0 documents ({reasons}); check the text or relax the thresholds in conf/clean",
    )
