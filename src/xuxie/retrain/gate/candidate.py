"""A model that is judged: the champion, or the challenger."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa


@dataclass(frozen=True)
class Candidate:
    """
    name: the registered version (`3`), or `challenger`.
    model: its directory, sealed by a manifest.
    fingerprint: SHA-256 of that manifest, as it was when the model was evaluated.
    scores: a row for each document of test and fresh (`xuxie.compare.subject.COLUMNS`).
    evaluated: what `evaluate` wrote into metrics/.
    samples: what `generate` wrote.
    parameters: numbers in the model.
    lineage: commit, configuration, hashes of the data, run, strategy: what goes into the registry.
    """

    name: str
    model: Path
    fingerprint: str
    scores: pa.Table
    evaluated: dict[str, Any]
    samples: list[dict[str, Any]]
    parameters: int
    lineage: dict[str, str]
