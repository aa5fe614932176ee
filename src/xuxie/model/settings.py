"""The shape of the model."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from xuxie.section import Section


class ModelSettings(Section):
    """
    preset: the name of the chosen file in conf/model, to filter runs by.
    start: `scratch`, or `pretrained` for the model `fetch` brought (it decides its own shape).
    layers, heads, width: of a GPT-2 built from scratch; `width` is a multiple of `heads`.
    context: tokens a window holds; at most what a pretrained model was made for.
    dropout: in every place GPT-2 has one.
    """

    preset: Annotated[str, Field(min_length=1)]
    start: Literal["scratch", "pretrained"]
    layers: Annotated[int, Field(ge=1, le=200)]
    heads: Annotated[int, Field(ge=1, le=256)]
    width: Annotated[int, Field(ge=8, le=32768)]
    context: Annotated[int, Field(ge=8, le=131072)]
    dropout: Annotated[float, Field(ge=0, lt=1)]

    @model_validator(mode="after")
    def heads_divide_the_width(self) -> Self:
        if self.width % self.heads:
            raise ValueError(f"model.width % model.heads == 0 ({self.width} % {self.heads})")
        return self
