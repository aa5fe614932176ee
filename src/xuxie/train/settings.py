"""What `train` may be told."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from xuxie.section import Section

Rate = Annotated[float, Field(gt=0, le=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class Optimizer(Section):
    """
    kind: `muon` orthogonalises the updates of the blocks' matrices and leaves the rest to AdamW;
        `adamw` updates everything.
    matrix_rate, embedding_rate, rate: peak learning rates of the blocks' matrices, of the
        embeddings, and of biases and norms.
    weight_decay: of matrices; embeddings, biases and norms do not decay.
    warmup, decay: shares of the steps over which the rate rises, and at the end falls along half a
        cosine to `final` times its peak; it stays there in between.
    clip: largest norm of the gradient.
    """

    kind: Literal["muon", "adamw"]
    matrix_rate: Rate
    embedding_rate: Rate
    rate: Rate
    weight_decay: Share
    beta1: Annotated[float, Field(ge=0, lt=1)]
    beta2: Annotated[float, Field(ge=0, lt=1)]
    momentum: Annotated[float, Field(ge=0, lt=1)]
    warmup: Share
    decay: Share
    final: Share
    clip: Annotated[float, Field(gt=0)]

    @model_validator(mode="after")
    def phases_fit_into_the_training(self) -> Self:
        if self.warmup + self.decay > 1:
            raise ValueError("train.optimizer.warmup + train.optimizer.decay <= 1")
        return self


class Balance(Section):
    """
    exponent: 0 shows every source once an epoch, 1 shows each as much as the largest.
    most: times that an epoch may show a source.
    """

    exponent: Share
    most: Annotated[float, Field(ge=1, le=100)]


class Replay(Section):
    """Old text among new, in a training that goes on from a model which has seen the old.

    after: number of an arrival: groups with a document that came later are new text. An epoch
        shows all of it, and as much old text as `share` says. null: every epoch shows everything.
    share: of old text among what an epoch shows, in tokens; no old text is shown more often than
        `train.balance.most` allows.
    """

    after: Annotated[int, Field(ge=0)] | None
    share: Annotated[float, Field(ge=0, lt=1)]


class TrainSettings(Section):
    """
    seed: of the weights, the order of the documents, and dropout.
    epochs: passes over the train tokens; fractions count.
    balance: how much more often than the largest an epoch shows the smaller sources.
    replay: for a continued training: what counts as new, and how much of the old is shown again.
    batch, accumulate: windows a step sees = batch x accumulate.
    validations: how often in a run the validation split is scored.
    validation_windows: at most so many windows, evenly chosen, at each of them.
    patience: validations without improvement before training stops early.
    checkpoint_seconds: between checkpoints, from which a stopped training goes on; 0 writes one
        after each step.
    devices, num_nodes: processes of one machine, each with its own GPU or its own cores, and
        machines; `batch` is that of all of them together.
    strategy: `auto` is `ddp` where there is more than one process; `fsdp` divides the weights and
        the optimizer's averages among them, for models that do not fit into one GPU's memory.
    memory_mib: lowers `batch` in favour of `accumulate`, then sets `recompute`, until a step is
        expected to need no more; null: no budget.
    recompute: activations are computed again in the backward pass: less memory, a third slower.
    precision: `auto` measures whether this processor multiplies bf16 matrices faster than fp32;
        `fp16` scales the loss, for GPUs without bf16.
    threads: fixed, for other numbers of threads give other bits.
    """

    seed: Annotated[int, Field(ge=0, lt=2**63)]
    epochs: Annotated[float, Field(gt=0, le=10_000)]
    balance: Balance
    replay: Replay
    batch: Annotated[int, Field(ge=1, le=65_536)]
    accumulate: Annotated[int, Field(ge=1, le=65_536)]
    optimizer: Optimizer
    validations: Annotated[int, Field(ge=1, le=10_000)]
    validation_windows: Annotated[int, Field(ge=1)]
    patience: Annotated[int, Field(ge=1)]
    checkpoint_seconds: Annotated[float, Field(ge=0, le=86_400)]
    devices: Annotated[int, Field(ge=1, le=1024)]
    num_nodes: Annotated[int, Field(ge=1, le=10_000)]
    strategy: Literal["auto", "ddp", "fsdp"]
    memory_mib: Annotated[int, Field(ge=64)] | None
    recompute: bool
    precision: Literal["auto", "fp32", "bf16", "fp16"]
    threads: Annotated[int, Field(ge=1, le=1024)]

    @property
    def processes(self) -> int:
        """Of all machines together."""
        return self.devices * self.num_nodes

    @model_validator(mode="after")
    def divided_gradients_are_not_scaled(self) -> Self:
        if self.precision == "fp16" and self.strategy == "fsdp":
            raise ValueError("train.precision != fp16 with train.strategy = fsdp")
        return self
