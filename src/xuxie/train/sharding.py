"""FSDP2: each process holds a part of every weight, gradient and average, and gathers a block's
weights while it computes.

Lightning's own ModelParallelStrategy starts the processes and tells them apart. Its checkpoints
are not used: states are gathered to the form that one process would write, so that checkpoints,
exports and best weights do not depend on the strategy.
"""

from collections.abc import Mapping
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.strategies import ModelParallelStrategy
from pytorch_lightning.utilities import rank_zero_only
from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import FSDPModule, fully_shard, register_fsdp_forward_method
from torch.distributed.tensor import DTensor, Replicate
from torch.optim import Optimizer
from transformers import PreTrainedModel

from xuxie.model.adapt import blocks


class Sharded(ModelParallelStrategy):
    """
    Args:
        processes: of all machines together.
    """

    def __init__(self, processes: int) -> None:
        super().__init__(data_parallel_size=processes, tensor_parallel_size=1)

    @property
    def root_device(self) -> torch.device:
        """The process's own: Ray Train may let it see no other."""
        devices: list[torch.device] = self.parallel_devices
        place: int = self.local_rank % len(devices)
        return devices[place]

    def lightning_module_state_dict(self) -> dict[str, Any]:
        return gathered(self.lightning_module.state_dict())

    def optimizer_state(self, optimizer: Optimizer) -> dict[str, Any]:
        return gathered(optimizer.state_dict())

    def load_optimizer_state_dict(self, checkpoint: Mapping[str, Any]) -> None:
        for optimizer, state in zip(self.optimizers, checkpoint["optimizer_states"], strict=True):
            optimizer.load_state_dict(state | {"state": divided(optimizer, state["state"])})


def shard(module: pl.LightningModule, model: PreTrainedModel, mesh: DeviceMesh) -> None:
    """Divide the weights: each block by itself, and what lies around the blocks as the module's.

    The module's steps count as its forward pass, so that within them the head is whole, and the
    loss can go through it some rows at a time.
    """
    if is_divided(module):
        return
    for block in blocks(model):
        fully_shard(block, mesh=mesh)
    fully_shard(module, mesh=mesh)
    for step in ("training_step", "validation_step"):
        register_fsdp_forward_method(module, step)


def is_divided(module: nn.Module) -> bool:
    return isinstance(module, FSDPModule)


def gathered(state: dict[str, Any]) -> dict[str, Any]:
    """The state with whole tensors in the first process's memory; None in their place elsewhere.

    Every process must take part.
    """
    return {name: gathered_value(value) for name, value in state.items()}


def gathered_value(value: Any) -> Any:
    if isinstance(value, dict):
        return gathered(value)
    if not isinstance(value, DTensor):
        return value
    full = value.full_tensor()
    return full.cpu() if rank_zero_only.rank == 0 else None


def divided(optimizer: Optimizer, states: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """States of whole weights as those of this process's parts."""
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    return {
        number: {
            name: part_of(value, weights[number]) if value.shape == weights[number].shape else value
            for name, value in values.items()
        }
        for number, values in states.items()
    }


def is_part(tensor: Tensor) -> bool:
    return isinstance(tensor, DTensor)


def whole(tensor: Tensor) -> Tensor:
    """`tensor` itself, or all of it where this process holds a part; every process takes part."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def part_of(full: Tensor, like: Tensor) -> Tensor:
    """This process's part of a tensor that all hold alike, divided as `like` is."""
    if not isinstance(like, DTensor):
        return full
    mesh = like.device_mesh
    alike = [Replicate()] * mesh.ndim
    everywhere = DTensor.from_local(full.to(like.device), mesh, alike, run_check=False)
    return everywhere.redistribute(placements=like.placements)


def put_together(module: pl.LightningModule, model: PreTrainedModel, weights: Any) -> None:
    """Give the module these whole weights; one that was divided can be saved then, but not run."""
    if not is_divided(module):
        module.load_state_dict(weights)
        return
    # Not by load_state_dict, in which FSDP wants parts again.
    for name, divided_weight in list(module.named_parameters()):
        owner, _, leaf = name.rpartition(".")
        weight = nn.Parameter(weights[name], requires_grad=divided_weight.requires_grad)
        setattr(module.get_submodule(owner), leaf, weight)
    model.tie_weights()
