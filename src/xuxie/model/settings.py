"""The shape of the model, and which of its weights learn."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from xuxie.section import Section


class Adapt(Section):
    """How a pretrained model is fine-tuned.

    kind: `full` trains the weights themselves; `lora` trains for each chosen matrix W the product
        of two thin matrices, W + alpha / rank * B A (Hu et al. 2021, arXiv 2106.09685), which is
        added to W when the model is written.
    rank: columns of B and rows of A.
    alpha: with `rank`, the weight of the product.
    dropout: of what A reads.
    targets: endings of the names of the modules that get such a product; `all-linear` alone
        stands for every matrix of the blocks.
    frozen_layers: the embeddings and so many blocks, counted from the embeddings, learn nothing.
    """

    kind: Literal["full", "lora"]
    rank: Annotated[int, Field(ge=1, le=4096)]
    alpha: Annotated[float, Field(gt=0, le=65_536)]
    dropout: Annotated[float, Field(ge=0, lt=1)]
    targets: Annotated[list[str], Field(min_length=1)]
    frozen_layers: Annotated[int, Field(ge=0, le=1000)]


class ModelSettings(Section):
    """
    preset: the name of the chosen file in conf/model, to filter runs by.
    start: `scratch`, or `pretrained` for the model `fetch` brought (it decides its own shape).
    layers, heads, width: of a GPT-2 built from scratch; `width` is a multiple of `heads`.
    context: tokens a window holds; at most what a pretrained model was made for.
    dropout: in every place GPT-2 has one.
    embeddings: fresh ones are random, or begin from which tokens stand beside which in the text.
    adapt: which weights of a pretrained model learn.
    """

    preset: Annotated[str, Field(min_length=1)]
    start: Literal["scratch", "pretrained"]
    layers: Annotated[int, Field(ge=1, le=200)]
    heads: Annotated[int, Field(ge=1, le=256)]
    width: Annotated[int, Field(ge=8, le=32768)]
    context: Annotated[int, Field(ge=8, le=131072)]
    dropout: Annotated[float, Field(ge=0, lt=1)]
    embeddings: Literal["random", "neighbours"]
    adapt: Adapt

    @model_validator(mode="after")
    def heads_divide_the_width(self) -> Self:
        if self.width % self.heads:
            raise ValueError(f"model.width % model.heads == 0 ({self.width} % {self.heads})")
        return self

    @model_validator(mode="after")
    def fresh_weights_all_learn(self) -> Self:
        if self.start == "scratch" and (self.adapt.kind, self.adapt.frozen_layers) != ("full", 0):
            raise ValueError(
                "model.start=scratch: model.adapt.kind=full, model.adapt.frozen_layers=0"
            )
        return self
