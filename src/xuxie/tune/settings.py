"""What `tune` may be told. No stage reads it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from xuxie.section import Section

Key = Annotated[str, Field(pattern=r"^(train|model)\.[a-z0-9_.]+$")]
# The seed is no setting to be chosen: its best value is luck. Epochs are cost.
FIXED = ("train.seed", "train.epochs", "train.threads")


class Interval(Section):
    """Numbers between two bounds; `log` tries each factor of ten as often."""

    key: Key
    kind: Literal["log", "linear"]
    low: float
    high: float

    @model_validator(mode="after")
    def bounds_are_in_order(self) -> Self:
        if not self.low < self.high or (self.kind == "log" and self.low <= 0):
            raise ValueError("low < high; kind: log => low > 0")
        return self


class Integers(Section):
    """Whole numbers between two bounds, both included."""

    key: Key
    kind: Literal["integer"]
    low: int
    high: int

    @model_validator(mode="after")
    def bounds_are_in_order(self) -> Self:
        if not self.low < self.high:
            raise ValueError("low < high")
        return self


class Choice(Section):
    """One of some values."""

    key: Key
    kind: Literal["choice"]
    values: Annotated[list[bool | int | float | str], Field(min_length=2)]


Range = Annotated[Interval | Integers | Choice, Field(discriminator="kind")]


class TuneSettings(Section):
    """
    trials: trainings in all, pruned ones counted.
    epochs: share of train.epochs that a trial trains.
    unpruned: trials that run to their end before others are measured by them.
    seed: of what is tried.
    search: settings of train and model, and what they may be.
    """

    trials: Annotated[int, Field(ge=1, le=100_000)]
    epochs: Annotated[float, Field(gt=0, le=1)]
    unpruned: Annotated[int, Field(ge=1)]
    seed: Annotated[int, Field(ge=0, lt=2**31)]
    search: Annotated[list[Range], Field(min_length=1)]

    @model_validator(mode="after")
    def each_key_is_searched_once(self) -> Self:
        keys = [item.key for item in self.search]
        if len(keys) != len(set(keys)) or set(keys) & set(FIXED):
            raise ValueError(f"keys of tune.search: each once, none of {', '.join(FIXED)}")
        return self
