"""The shares of `split`."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from xuxie.section import Section

Share = Annotated[float, Field(gt=0, lt=1)]


class SplitSettings(Section):
    """
    val, test: shares of the groups; the rest trains.
    salt: enters the hash that assigns a group. Changing it moves every group.
    """

    val: Share
    test: Share
    salt: str

    @model_validator(mode="after")
    def leaves_something_to_train_on(self) -> Self:
        if self.val + self.test >= 1:
            raise ValueError("split.val + split.test < 1")
        return self
