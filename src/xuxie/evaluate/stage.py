"""Score the model on every held-out split beside its baselines; write figures and a report."""

from pathlib import Path
from typing import Any

import torch

from xuxie.evaluate.documents import write_scores
from xuxie.evaluate.measure import PARTS, Measured, measured
from xuxie.evaluate.report import page
from xuxie.evaluate.settings import EvaluateSettings
from xuxie.evaluate.texts import ALL
from xuxie.model.memory import keep_freed_memory
from xuxie.store.directories import whole_directory
from xuxie.store.files import write_csv, write_json, write_text
from xuxie.store.manifest import fingerprint_of
from xuxie.track.run import Run, joined_run
from xuxie.track.settings import TrackSettings


def run(
    settings: EvaluateSettings,
    tracking: TrackSettings,
    *,
    model: Path,
    splits: Path,
    pairs: Path,
    curves: Path,
    metrics: Path,
    scores: Path,
    plots: Path,
    report: Path,
) -> None:
    torch.set_num_threads(settings.threads)
    keep_freed_memory()
    fingerprint = fingerprint_of(model)
    with joined_run(tracking, "evaluate", fingerprint) as tracked:
        found = measured(settings, model, splits, pairs)
        with whole_directory(scores) as folder:
            write_scores(folder, found.documents)
        with whole_directory(plots) as folder:
            write_plots(folder, found)
        write_json(metrics, found.result)
        drawn = (found.reliability, found.positions, found.heats)
        write_text(report, page(found.result, curves.read_text(), fingerprint, *drawn))
        tell(tracked, found.result)
        for path in (report, metrics):
            tracked.artifact(path, "report")
        for part in ("val", "test"):
            tracked.artifact(scores / f"{part}.parquet", "scores")


def write_plots(folder: Path, found: Measured) -> None:
    """The small tables of `dvc plots`."""
    columns = ("bar", "source", "method", "bits_per_character")
    write_csv(folder / "sources.csv", columns, bars(found.result))
    rows = [(row.chance, row.right, row.tokens) for row in found.reliability]
    write_csv(folder / "reliability.csv", ("chance", "right", "tokens"), rows)
    stretches = [(row.last, row.bits, row.error) for row in found.positions]
    write_csv(folder / "positions.csv", ("position", "bits_per_token", "error"), stretches)


def bars(result: dict[str, Any]) -> list[tuple[str, str, str, float]]:
    """Label, source, method and bits per character on the test split, for `dvc plots`."""
    rows = [(name, "model", row["bits_per_character"]) for name, row in result["test"].items()]
    for method, values in result["baselines"]["test"].items():
        rows += [(name, method, bits) for name, bits in values.items()]
    return [(f"{name} · {method}", name, method, bits) for name, method, bits in rows]


def tell(tracked: Run, result: dict[str, Any]) -> None:
    """The figures that runs are compared by; all of them lie beside the report."""
    for part in PARTS:
        if part in result:
            tracked.metrics(headlines(part, result))
    for part, values in result["calibration"].items():
        tracked.metrics(
            {f"{told_as(part)}/calibration/{name}": value for name, value in values.items()}
        )
    tracked.metrics({"pairs/accuracy": float(result["minimal_pairs"][ALL]["accuracy"])})


def headlines(part: str, result: dict[str, Any]) -> dict[str, float]:
    """Of a split: the score with its interval, by source, and the baselines'."""
    everything, told = result[part][ALL], told_as(part)
    kept = ("bits_per_character", "bits_per_character_low", "bits_per_character_high")
    values = {f"{told}/{key}": float(everything[key]) for key in kept}
    values[f"{told}/next_token_accuracy"] = float(everything["next_token_accuracy"])
    for name, row in result[part].items():
        if name != ALL:
            values[f"{told}/{name}/bits_per_character"] = float(row["bits_per_character"])
    for method, scores in result["baselines"].get(part, {}).items():
        values[f"{told}/baselines/{method}"] = float(scores[ALL])
    return values


def told_as(part: str) -> str:
    """`val` is a curve already: training tells it, from a part of that split."""
    return "val_full" if part == "val" else part
