"""Challengers and champions with planted scores and figures."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from planted_scores import scores
from xuxie.retrain.gate.candidate import Candidate
from xuxie.store.directories import whole_directory


def candidate(name: str, folder: Path | None = None, **changes: Any) -> Candidate:
    """With a small sealed directory where a folder is given."""
    fingerprint = ""
    if folder is not None:
        with whole_directory(folder) as partial:
            (partial / "model.safetensors").write_bytes(name.encode() * 1000)
        fingerprint = (folder / "COMPLETE").read_text().strip()
    usual: dict[str, Any] = {
        "name": name,
        "model": folder or Path("nowhere"),
        "fingerprint": fingerprint,
        "scores": scores(seed=1),
        "evaluated": {"minimal_pairs": {"all": {"accuracy": 0.75}}},
        "generated": {"repetition": 0.02, "distinct_2": 0.9},
        "samples": [{"prompt": "今天天气很好。", "text": "我们去公园散步。"}],
        "parameters": 1_000_000,
        "lineage": {"job": "20260101-000000"},
    }
    return Candidate(**(usual | changes))


def with_fresh(table: pa.Table, share: float) -> pa.Table:
    """The last documents of the table counted as new ones."""
    count = len(table)
    frozen = [number < (1 - share) * count for number in range(count)]
    place = table.column_names.index("frozen")
    return table.set_column(place, "frozen", pa.array(frozen))
