"""How much worse the champion does on new text than on its own test text, as evaluate scores.

A process of its own (`python -m xuxie.retrain.due.drift`): torch must not stay in the memory of a
retraining that waits for its stages.
"""

import argparse
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from xuxie.compare.paired import clustered_interval
from xuxie.evaluate.settings import EvaluateSettings
from xuxie.evaluate.texts import Texts
from xuxie.retrain.due.policy import Drift
from xuxie.store.files import write_json
from xuxie.store.records import read_table

PARTS = ("test", "fresh")
COLUMNS = ["text", "source", "group", "position", "arrival"]
SEED = 1


def samples(clean: Path, splits: Path, after: int, characters: int) -> tuple[Texts, Texts] | None:
    """New documents, and test documents of before; None where there are none of either."""
    kept = read_table(clean / "kept.parquet", COLUMNS)
    tests = pa.concat_tables(read_table(splits / f"{part}.parquet", COLUMNS) for part in PARTS)
    new = sampled(kept.filter(pa.compute.greater(kept["arrival"], after)), characters)
    old = sampled(tests.filter(pa.compute.less_equal(tests["arrival"], after)), characters)
    return (new, old) if new.texts and old.texts else None


def sampled(table: pa.Table, characters: int) -> Texts:
    """Whole groups in random order until they hold so many characters; the group that goes beyond
    is cut."""
    groups = table["group"].combine_chunks().dictionary_encode().indices.to_numpy()
    lengths = np.array([len(text) for text in table["text"].to_pylist()], dtype=np.int64)
    ranks = np.random.default_rng(SEED).permutation(int(groups.max(initial=-1)) + 1)
    table = table.append_column("rank", pa.array(ranks[groups], pa.int64()))
    table = table.append_column("length", pa.array(lengths, pa.int64()))
    table = table.sort_by([("rank", "ascending"), ("position", "ascending")])
    before = np.cumsum(table["length"].to_numpy()) - table["length"].to_numpy()
    table = table.filter(pa.array(before < characters))
    return Texts(
        texts=table["text"].to_pylist(),
        sources=table["source"].to_pylist(),
        groups=table["rank"].to_numpy(),
    )


def drift(settings: EvaluateSettings, model: Path, new: Texts, old: Texts) -> Drift:
    from xuxie.evaluate.score import scored
    from xuxie.model.directory import load_model, load_tokenizer

    network, words = load_model(model), load_tokenizer(model)
    figures = []
    for texts in (new, old):
        bits = scored(settings, network, words, texts).nats / math.log(2)
        characters = texts.characters()
        low, high = clustered_interval(bits, characters, texts.groups, settings.bootstrap)
        figures.append((bits.sum() / characters.sum(), low, high))
    return compared(*figures)


def compared(new: tuple[float, float, float], old: tuple[float, float, float]) -> Drift:
    """The difference of two scores on different documents: their errors are independent."""
    difference = new[0] - old[0]
    return Drift(
        new=float(new[0]),
        old=float(old[0]),
        low=float(difference - math.hypot(new[0] - new[1], old[2] - old[0])),
        high=float(difference + math.hypot(new[2] - new[0], old[0] - old[1])),
    )


def main() -> None:
    from xuxie.config import load

    parser = argparse.ArgumentParser()
    for name in ("model", "clean", "splits", "params", "out"):
        parser.add_argument(f"--{name}", type=Path)
    for name in ("after", "characters"):
        parser.add_argument(f"--{name}", type=int)
    given = parser.parse_args()
    found = samples(given.clean, given.splits, given.after, given.characters)
    settings = load(given.params).evaluate
    write_json(given.out, told(drift(settings, given.model, *found)) if found else {})


def told(found: Drift) -> dict[str, Any]:
    """JSON has no infinity: an interval without bounds is left out, and says nothing."""
    return asdict(found) if math.isfinite(found.low + found.high) else {}


if __name__ == "__main__":
    from xuxie.entry import exit_codes, set_environment

    set_environment()
    with exit_codes():
        main()
