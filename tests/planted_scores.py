"""Scores of documents with a known truth, as the evaluate stage writes them; and their files."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def scores(
    *,
    seed: int,
    better: float = 0.0,
    statutes: float = 0.0,
    laws: int = 24,
    reviews: int = 240,
    spread: float = 0.1,
) -> pa.Table:
    """Scores of one model on a test split of `laws` laws of unlike size, and lone reviews.

    Args:
        seed: of the model: two models differ by chance in each group and each document.
        better: bits per character below the common level; `statutes`: further, on laws alone.
        spread: of a model's level in a group, in bits per character.
    """
    split = np.random.default_rng(0)
    sizes = split.integers(1, 80, laws).tolist() + [1] * reviews
    groups = np.repeat(np.arange(len(sizes)), sizes)
    law = groups < laws
    characters = split.integers(20, 200, len(groups))
    model = np.random.default_rng([1, seed])
    level = np.where(law, 3.2 - statutes, 5.7) - better
    level = level + model.normal(0, spread, len(sizes))[groups]
    bits = characters * level + model.normal(0, 3, len(groups)) * np.sqrt(characters)
    tokens = np.maximum(1, characters // 2)
    return pa.table(
        {
            "id": [f"{number:032x}" for number in range(len(groups))],
            "source": np.where(law, "statutes", "reviews"),
            "domain": np.where(law, "经济法", "酒店"),
            "group": [f"group {number}" for number in groups],
            "date": pa.nulls(len(groups), pa.date32()),
            "frozen": np.ones(len(groups), dtype=bool),
            "characters": characters,
            "bytes": 3 * characters,
            "tokens": tokens,
            "bits": bits,
            "right": tokens // 5,
        }
    )


def write_outputs(folder: Path, table: pa.Table, *, text: str, rate: float) -> None:
    """What the stages leave of one model, as `xuxie compare` reads it, below a project's folder."""
    (folder / "data/scores").mkdir(parents=True, exist_ok=True)
    pq.write_table(table, folder / "data/scores/test.parquet")
    files = {
        "samples/samples.jsonl": json.dumps(
            {"prompt": "今天天气", "number": 0, "text": text, "finished": True}, ensure_ascii=False
        )
        + "\n",
        "plots/train/loss.csv": f"tokens,train,val\n1000,6.5,6.4\n2000,5.5,{5.4 - rate}\n",
        "params.yaml": f"train:\n  seed: 1\n  optimizer:\n    rate: {rate}\n",
        "models/gpt/training.json": json.dumps({"params": {"steps": 20}, "made_with": {}}),
        "models/gpt/COMPLETE": f"fingerprint-{text}\n",
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
