"""The model as Lightning trains it: loss within groups, validation in bits per character."""

from functools import partial
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_
from torch.optim.lr_scheduler import LambdaLR
from transformers import PreTrainedModel

from xuxie.model.head import plain_head
from xuxie.train.curves import diverged
from xuxie.train.data import Batch
from xuxie.train.loss import mean_loss, token_losses
from xuxie.train.optimizer import optimizer
from xuxie.train.schedule import rate_factor
from xuxie.train.settings import Optimizer as OptimizerSettings
from xuxie.train.sharding import shard, whole


def boundaries(groups: Tensor) -> tuple[Tensor, Tensor]:
    """Where attention may look, and each token's place in its group.

    Args:
        groups: [batch, context], the group of each token.

    Returns:
        mask: bool [batch, 1, context, context], true where a token may see another: not after it
            and of its own group.
        positions: [batch, context], counted from the group's first token in the window.
    """
    context = groups.shape[1]
    causal = torch.ones(context, context, dtype=torch.bool, device=groups.device).tril()
    mask = (groups[:, :, None] == groups[:, None, :]) & causal
    indices = torch.arange(context, device=groups.device).expand_as(groups)
    begins = torch.zeros_like(indices)
    begins[:, 1:] = torch.where(groups[:, 1:] != groups[:, :-1], indices[:, 1:], 0)
    return mask[:, None], indices - begins.cummax(dim=1).values


class LanguageModel(pl.LightningModule):
    """
    Args:
        steps: optimizer steps of the whole training.
        boundary: the token before each document; predicting it is learned, but not scored.
        bits_per_nat: turns nats a validation token into bits a character.
        dtype: of the optimizer's matrix products.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        settings: OptimizerSettings,
        *,
        steps: int,
        boundary: int,
        bits_per_nat: float,
        dtype: torch.dtype,
    ) -> None:
        super().__init__()
        self.model, self.settings, self.steps = model, settings, steps
        self.boundary, self.dtype_of_products = boundary, dtype
        self.bits_per_nat = bits_per_nat
        # In a tuple, so that it does not count as a part beside the model.
        self.heads = (plain_head(model),)
        self.nats = torch.zeros(2, dtype=torch.float64)

    def configure_model(self) -> None:
        if self.device_mesh is not None:
            shard(self, self.model, self.device_mesh["data_parallel"])

    def losses(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Nats [batch * context] of each next token, and the tokens themselves."""
        targets = batch["tokens"][:, 1:].reshape(-1)
        if (head := self.whole_head()) is not None:
            return token_losses(self.hidden(batch), head.weight, targets), targets
        logits = self.run(self.model, batch).logits.flatten(0, 1)
        return functional.cross_entropy(logits.float(), targets, reduction="none"), targets

    def hidden(self, batch: Batch) -> Tensor:
        """What the head reads: [batch * context, width]."""
        states: Tensor = self.run(self.model.base_model, batch).last_hidden_state
        return states.flatten(0, 1)

    def run(self, model: nn.Module, batch: Batch) -> Any:
        mask, positions = boundaries(batch["groups"][:, :-1])
        return model(
            batch["tokens"][:, :-1], attention_mask=mask, position_ids=positions, use_cache=False
        )

    def whole_head(self) -> nn.Linear | None:
        """The head, if this process holds all of it and the logits are nothing but its product."""
        (head,) = self.heads
        if head is None or head.weight.ndim != 2 or hasattr(head.weight, "device_mesh"):
            return None
        return head

    def training_step(self, batch: Batch, _: int) -> Tensor:
        if (head := self.whole_head()) is not None:
            return mean_loss(self.hidden(batch), head.weight, batch["tokens"][:, 1:].reshape(-1))
        return self.losses(batch)[0].mean()

    def on_validation_epoch_start(self) -> None:
        self.nats.zero_()

    def validation_step(self, batch: Batch, _: int) -> None:
        losses, targets = self.losses(batch)
        scored = losses[targets != self.boundary]
        self.nats += torch.tensor([scored.double().sum().item(), len(scored)])

    def on_validation_epoch_end(self) -> None:
        # Each process has scored its own windows; then all log the same value.
        nats, count = self.trainer.strategy.reduce(
            self.nats.to(self.device), reduce_op="sum"
        ).tolist()
        bits = nats / max(count, 1) * self.bits_per_nat
        self.log("val/bits_per_character", bits, sync_dist=True)

    def configure_gradient_clipping(
        self,
        _: Any,
        gradient_clip_val: int | float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        # Lightning's own way clips neither divided gradients nor tells of those without a number.
        assert gradient_clip_val is not None and gradient_clip_algorithm is None
        norm = whole(clip_grad_norm_(self.model.parameters(), gradient_clip_val))
        # Before the step, so that the weights stay good. With fp16 the scaler skips such a step.
        if not torch.isfinite(norm) and self.trainer.scaler is None:
            raise diverged(self.trainer.global_step)

    def configure_optimizers(self) -> Any:
        chosen = optimizer(self.model, self.settings, dtype=self.dtype_of_products)
        phases = {name: getattr(self.settings, name) for name in ("warmup", "decay", "final")}
        schedule = LambdaLR(chosen, partial(rate_factor, steps=self.steps, **phases))
        return {
            "optimizer": chosen,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }
