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
        tracked.artifact(report, "report")
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
    """By source everything, by domain and period the one figure to compare."""
    for part in PARTS:
        for name, row in result.get(part, {}).items():
            tracked.metrics({f"{part}/{name}/{key}": float(value) for key, value in row.items()})
        for method, values in result["baselines"].get(part, {}).items():
            tracked.metrics({f"{part}/{name}/{method}": bits for name, bits in values.items()})
        for division in ("domains", "periods"):
            table = result.get(division, {}).get(part, {})
            key = "bits_per_character"
            tracked.metrics({f"{part}/{division}/{n}/{key}": row[key] for n, row in table.items()})
    for kind in ("calibration", "positions"):
        for part, values in result[kind].items():
            tracked.metrics({f"{part}/{kind}/{name}": value for name, value in values.items()})
    for name, row in result["minimal_pairs"].items():
        # Of a phenomenon the headline alone: its other figures would bury those of the run.
        told = row if name == ALL else {"accuracy": row["accuracy"]}
        tracked.metrics({f"pairs/{name}/{key}": float(value) for key, value in told.items()})
