"""What `evaluate` may be told."""

from typing import Annotated

from pydantic import Field

from xuxie.section import Section


class Bootstrap(Section):
    """Resamples of the documents' groups, drawn from `seed`, for intervals of this confidence."""

    resamples: Annotated[int, Field(ge=100, le=1_000_000)]
    confidence: Annotated[float, Field(gt=0.5, lt=1)]
    seed: Annotated[int, Field(ge=0, lt=2**63)]


class EvaluateSettings(Section):
    """
    batch: windows scored at once.
    stride: share of the context by which windows advance; the rest of a window is context only.
    position_windows: windows of the test split scored at every position, for bits by position.
    calibration_bins: groups of equally many tokens that chances and hits are compared in.
    ngram_order: characters in the longest n-gram of the Kneser-Ney baseline.
    baseline_characters: how much of the train split the baselines read, 100 bytes of memory each.
    """

    batch: Annotated[int, Field(ge=1, le=65_536)]
    stride: Annotated[float, Field(gt=0, le=1)]
    position_windows: Annotated[int, Field(ge=0, le=1_000_000)]
    calibration_bins: Annotated[int, Field(ge=2, le=1000)]
    ngram_order: Annotated[int, Field(ge=2, le=12)]
    baseline_characters: Annotated[int, Field(ge=1000)]
    bootstrap: Bootstrap
    threads: Annotated[int, Field(ge=1, le=1024)]
