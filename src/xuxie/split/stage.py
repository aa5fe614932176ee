"""Divide the clean documents into train, val and test by group; let nothing leak."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from xuxie.clean.duplicates.candidates import BandFiles
from xuxie.errors import Refusal, bad_data
from xuxie.split.assign import Part
from xuxie.split.copied import copied
from xuxie.split.decide import FRESH, Decision, Reason, decide
from xuxie.split.kept import Facts, read, sketching
from xuxie.split.leak import check
from xuxie.split.report import page
from xuxie.split.settings import SplitSettings
from xuxie.split.strata import Strata
from xuxie.split.write import write
from xuxie.store.directories import whole_directory
from xuxie.store.files import write_json, write_text


def run(settings: SplitSettings, *, clean: Path, out: Path, metrics: Path, report: Path) -> None:
    kept = clean / "kept.parquet"
    with whole_directory(out) as folder:
        with TemporaryDirectory(dir=folder) as scratch:
            facts, decision = divided(kept, Path(scratch), settings)
        strata = write(kept, folder, decision)
        refuse_empty(strata, facts, decision)
        with TemporaryDirectory(dir=folder) as scratch:
            compared = check(folder, Path(scratch), settings.leak)
        result = strata.report() | findings(decision, compared)
        result["verbatim"] = copied(folder, settings.leak.verbatim)
    write_json(metrics, result)
    write_text(report, page(result, settings))


def divided(kept: Path, scratch: Path, settings: SplitSettings) -> tuple[Facts, Decision]:
    sketch = sketching(settings.leak)
    with BandFiles(scratch, sketch.bands * sketch.deals) as bands:
        facts = read(kept, settings, bands)
    return facts, decide(kept, facts, bands, scratch, settings)


def findings(decision: Decision, compared: int) -> dict[str, Any]:
    """What the wall cost; the fresh check has passed, or there were no metrics."""
    counts = Counter(reason for reason, _ in decision.aside.values())
    return {
        "aside": {reason.value: counts[reason] for reason in Reason},
        "followed": decision.followed,
        "swept": decision.swept,
        "near_frozen": decision.near_frozen,
        "leak": {"exact": 0, "near": 0, "compared": decision.compared + compared},
    }


def refuse_empty(strata: Strata, facts: Facts, decision: Decision) -> None:
    """
    Raises:
        Refusal: a part other than `fresh` is empty.
    """
    empty = [part for part in Part if not strata.total(part)]
    if empty == [Part.TEST] and strata.total("fresh"):
        raise too_early(int(facts.arrivals[decision.labels == FRESH].min()))
    if empty:
        raise too_few(empty)


def too_few(empty: list[Part]) -> Refusal:
    names = ", ".join(empty)
    return bad_data(
        f"文档太少，{names} 是空的；请增加文本，或调大 conf/split 里的 val 与 test",
        f"too few documents: {names} would be empty; add text, or raise val and test in conf/split",
    )


def too_early(arrival: int) -> Refusal:
    return bad_data(
        f"固定的测试集是空的：第一篇测试文档在第 {arrival} 批；请设 split.frozen_arrival={arrival}",
        f"the frozen test set is empty: the first test document came with arrival {arrival}; "
        f"set split.frozen_arrival={arrival}",
    )
