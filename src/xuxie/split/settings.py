"""The shares and dates of `split`, and what counts as a leak."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from xuxie.section import Section

Share = Annotated[float, Field(gt=0, lt=1)]


class TimeSettings(Section):
    """
    val_from, test_from: days as 2024-12-31. What is dated before val_from trains, before test_from
        validates, and from then on tests. Empty with kind=hash.
    undated: documents without a date train, or stop the run.
    """

    val_from: str
    test_from: str
    undated: Literal["train", "refuse"]


class LeakSettings(Section):
    """
    jaccard: share of character n-grams two documents must have in common to be near-duplicates.
    ngram: characters a shingle; white space does not count.
    bands, rows, deals: of the MinHash signatures that find them, as in `clean.duplicates`. They
        decide only what follows its near-duplicate and what is set aside: the wall itself is
        swept by an exact comparison.
    verbatim: characters of a stretch that counts as copied when it stands in train, too.
    """

    jaccard: Annotated[float, Field(ge=0.5, le=1)]
    ngram: Annotated[int, Field(ge=1, le=32)]
    bands: Annotated[int, Field(ge=1, le=128)]
    rows: Annotated[int, Field(ge=1, le=32)]
    deals: Annotated[int, Field(ge=1, le=8)]
    verbatim: Annotated[int, Field(ge=8, le=1000)]


class SplitSettings(Section):
    """
    kind: `hash` divides groups by their names, `time` by their dates.
    val, test: shares of the groups with kind=hash.
    salt: enters the hash that assigns a group. Changing it moves every group.
    frozen_arrival: test documents of later arrivals go to `fresh`, so that `test` never changes.
    """

    kind: Literal["hash", "time"]
    val: Share
    test: Share
    salt: str
    frozen_arrival: Annotated[int, Field(ge=1)]
    time: TimeSettings
    leak: LeakSettings

    @model_validator(mode="after")
    def leaves_something_to_train_on(self) -> Self:
        if self.val + self.test >= 1:
            raise ValueError("split.val + split.test < 1")
        return self

    @model_validator(mode="after")
    def has_two_days_in_order(self) -> Self:
        if self.kind == "time" and not in_order(self.time.val_from, self.time.test_from):
            raise ValueError("split.time.val_from < split.time.test_from (2024-12-31)")
        return self


def in_order(earlier: str, later: str) -> bool:
    try:
        return date.fromisoformat(earlier) < date.fromisoformat(later)
    except ValueError:
        return False
