"""Everything that is measured of a model: one pass over each held-out split, and what is beside."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from xuxie.evaluate.baselines import baselines, packing, within
from xuxie.evaluate.calibration import Bin, calibration, reliability
from xuxie.evaluate.documents import by_document
from xuxie.evaluate.minimal_pairs.compare import compared
from xuxie.evaluate.minimal_pairs.pairs import read_pairs
from xuxie.evaluate.positions import Stretch, by_position, context_gain
from xuxie.evaluate.score import Scores, scored
from xuxie.evaluate.settings import EvaluateSettings
from xuxie.evaluate.surprisal import Heat, heats
from xuxie.evaluate.tables import divisions
from xuxie.evaluate.texts import Texts, read_texts
from xuxie.model.directory import load_model, load_tokenizer
from xuxie.store.records import read_table

# Later documents of the test side make the fresh test, which is empty before there are any.
PARTS = ("val", "test", "fresh")
FROZEN = "test"


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
