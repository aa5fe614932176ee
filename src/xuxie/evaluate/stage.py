"""Score the model on every held-out split beside its baselines; write figures and a report."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch

from xuxie.evaluate.baselines import baselines, packing, within
from xuxie.evaluate.calibration import Bin, calibration, reliability
from xuxie.evaluate.documents import by_document, write_scores
from xuxie.evaluate.minimal_pairs.compare import compared
from xuxie.evaluate.minimal_pairs.pairs import read_pairs
from xuxie.evaluate.positions import Stretch, by_position, context_gain
from xuxie.evaluate.report import page
from xuxie.evaluate.score import Scores, scored
from xuxie.evaluate.settings import EvaluateSettings
from xuxie.evaluate.surprisal import Heat, heats
from xuxie.evaluate.tables import divisions
from xuxie.evaluate.texts import ALL, Texts, read_texts
from xuxie.model.directory import load_model, load_tokenizer
from xuxie.model.memory import keep_freed_memory
from xuxie.store.directories import whole_directory
from xuxie.store.files import write_csv, write_json, write_text
from xuxie.store.manifest import fingerprint_of
from xuxie.store.records import read_table
from xuxie.track.run import Run, joined_run
from xuxie.track.settings import TrackSettings

# Later documents of the test side make the fresh test, which is empty before there are any.
PARTS = ("val", "test", "fresh")
FROZEN = "test"


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


@dataclass(frozen=True)
class Measured:
    """
    result: as in metrics/evaluate.json.
    documents: for each split, a row a document.
    reliability, positions: the curves of the test split. heats: some of its documents.
    """

    result: dict[str, Any]
    documents: dict[str, pa.Table]
    reliability: list[Bin]
    positions: list[Stretch]
    heats: list[Heat]


def measured(settings: EvaluateSettings, model: Path, splits: Path, pairs: Path) -> Measured:
    parts = {part: read_texts(splits / f"{part}.parquet") for part in PARTS}
    parts = {part: texts for part, texts in parts.items() if texts.texts}
    train = read_table(splits / "train.parquet", ["text"])["text"].to_pylist()
    read = within(train, settings.baseline_characters)
    with packing(read, parts) as packed:
        network, words = load_model(model), load_tokenizer(model)
        seen = {part: scored(settings, network, words, texts) for part, texts in parts.items()}
        shown = heats(settings, network, words, parts[FROZEN], seen[FROZEN])
        contrasts = compared(settings, network, words, read_pairs(pairs))
        simpler = baselines(read, parts, settings.ngram_order, packed)
    reliable = reliability(seen[FROZEN].guesses, settings.calibration_bins)
    places = by_position(seen[FROZEN].positions)
    result = figures_of(seen, parts, settings) | {
        "baselines": simpler,
        "minimal_pairs": contrasts,
        "calibration": {FROZEN: calibration(reliable)},
        "positions": {FROZEN: context_gain(places)},
    }
    documents = {
        part: by_document(splits / f"{part}.parquet", texts, seen[part], frozen=part == FROZEN)
        for part, texts in parts.items()
    }
    return Measured(result, documents, reliable, places, shown)


def figures_of(
    seen: dict[str, Scores], parts: dict[str, Texts], settings: EvaluateSettings
) -> dict[str, Any]:
    """Each split by source; then, under the name of the division, by domain and by period."""
    found: dict[str, Any] = {}
    for part, texts in parts.items():
        for division, table in divisions(seen[part], texts, settings.bootstrap).items():
            if division == "sources":
                found[part] = table
            elif table:
                found.setdefault(division, {})[part] = table
    return found


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
