"""Challengers and champions with planted scores and figures."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from planted_scores import scores
from xuxie.retrain.gate.candidate import Candidate
from xuxie.store.directories import whole_directory

# Of characters that hardly occur twice.
TEXTS = [
    "我们去公园散步，湖边的柳树刚刚发芽。",
    "门店昨晚十点打烊，店员清点完货架才回家。",
    "护士把体温表递给病人，请他坐着等五分钟。",
    "这笔贷款分三年还清，利率比去年略低一些。",
    "孩子们在操场上放风筝，老师站在一旁看护。",
]


def samples(texts: list[str]) -> list[dict[str, str]]:
    return [{"prompt": "今天天气很好。", "text": text} for text in texts]


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
        "samples": samples(TEXTS),
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
