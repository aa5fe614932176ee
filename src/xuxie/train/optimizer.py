"""AdamW for every parameter, or Muon for the matrices of the blocks and AdamW for the rest.

Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon) replaces the momentum of a
matrix by the nearest orthogonal matrix. torch.optim.Muon fixes bf16 for that, 400 times slower
than fp32 on processors without bf16 units, and treats GPT-2's joined q, k, v as one matrix.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from xuxie.train.settings import Optimizer as OptimizerSettings
from xuxie.train.sharding import is_part, part_of, whole

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
NEWTON_SCHULZ_STEPS = 5


@dataclass(frozen=True)
class Matrix:
    """A weight of a block: `joined` matrices side by side, `inputs_first` as in GPT-2's Conv1D."""

    weight: Tensor
    inputs_first: bool
    joined: int


def matrices(model: PreTrainedModel) -> list[Matrix]:
    """The two-dimensional weights inside the model's blocks: no embeddings, no output head."""
    embeddings = {id(model.get_input_embeddings().weight)}
    if (head := model.get_output_embeddings()) is not None:
        embeddings.add(id(head.weight))
    found = []
    for name, module in model.named_modules():
        if isinstance(module, Conv1D | nn.Linear) and id(module.weight) not in embeddings:
            joined = 3 if name.endswith("attn.c_attn") else 1
            found.append(Matrix(module.weight, isinstance(module, Conv1D), joined))
    return found


def orthogonal(batch: Tensor, dtype: torch.dtype) -> Tensor:
    """For each matrix of [n, rows, columns] with rows <= columns, about the nearest orthogonal one.

    Five Newton-Schulz steps of fifth order bring the singular values to between 0.7 and 1.2.
    """
    x = batch.to(dtype)
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    # In reduced formats the squared matrix loses the small singular values, so those take the
    # plain way.
    long = dtype == torch.float32 and 2 * x.shape[-2] <= x.shape[-1]
    result: Tensor = (through_squares(x) if long else step_by_step(x)).to(batch.dtype)
    return result


def step_by_step(x: Tensor) -> Tensor:
    a, b, c = NEWTON_SCHULZ
    for _ in range(NEWTON_SCHULZ_STEPS):
        square = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return x


def through_squares(x: Tensor) -> Tensor:
    """The same, with the steps taken on x x^T and their product applied to x once.

    With four times as many columns as rows that is 25 products of square matrices instead of 45.
    """
    a, b, c = NEWTON_SCHULZ
    square = x @ x.mT
    identity = torch.eye(x.shape[-2], dtype=x.dtype, device=x.device).expand_as(square)
    product = identity
    for step in range(NEWTON_SCHULZ_STEPS):
        factor = torch.baddbmm(square, square, square, beta=b, alpha=c) + a * identity
        product = factor @ product if step else factor
        if step + 1 < NEWTON_SCHULZ_STEPS:
            square = factor @ square @ factor
    return product @ x


class MuonAdamW(torch.optim.AdamW):
    """AdamW over all groups but those marked `muon`, whose matrices get orthogonal updates."""

    def __init__(
        self,
        groups: list[dict[str, Any]],
        muon: list[Matrix],
        *,
        dtype: torch.dtype,
        **options: Any,
    ) -> None:
        super().__init__(groups, **options)
        self.matrices = {id(matrix.weight): matrix for matrix in muon}
        self.dtype = dtype
        # The scaler of fp16 would leave the gradients scaled for AdamW's fused step; neither
        # Muon nor the clipping could use them.
        self._step_supports_amp_scaling = False

    # torch overloads this signature, which one function of both cases cannot match.
    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            if group["muon"]:
                self.update_matrices(group)
        super().step()
        return loss

    def update_matrices(self, group: dict[str, Any]) -> None:
        """One step of Muon; the gradients are used up, so that AdamW passes these weights by."""
        alike: defaultdict[torch.Size, list[tuple[Tensor, Tensor, float]]] = defaultdict(list)
        moves = [self.move(weight, group) for weight in group["params"]]
        for weight, update, goal in moves:
            matrix = self.matrices[id(weight)]
            for piece, target in zip(parts(update, matrix), parts(goal, matrix), strict=True):
                scale = max(1.0, target.shape[0] / target.shape[1]) ** 0.5
                alike[wide(piece).shape].append((wide(piece), wide(target), scale))
        for pieces in alike.values():
            steps = orthogonal(torch.stack([piece for piece, _, _ in pieces]), self.dtype)
            for step, (_, target, scale) in zip(steps, pieces, strict=True):
                target.add_(step, alpha=-group["lr"] * scale)
        for weight, _, goal in moves:
            if goal is not weight:
                weight.add_(part_of(goal, weight))

    def move(self, weight: Tensor, group: dict[str, Any]) -> tuple[Tensor, Tensor, Tensor]:
        """The decayed weight, its whole update, and to what the step is to be added.

        That is the weight, or zeros of its whole size where this process holds a part of it: then
        each process finds the whole step, as without parts, and takes its part.
        """
        update = whole(self.momentum(weight, group["momentum"]))
        weight.grad = None
        weight.mul_(1 - group["lr"] * group["weight_decay"])
        return weight, update, torch.zeros_like(update) if is_part(weight) else weight

    def momentum(self, weight: Tensor, share: float) -> Tensor:
        """Nesterov's momentum of the gradient."""
        state = self.state[weight]
        if "momentum" not in state:
            # AdamW, when it loads a checkpoint, looks for a step in every state.
            state |= {"momentum": torch.zeros_like(weight), "step": torch.zeros(())}
        buffer = state["momentum"]
        gradient = torch.zeros_like(weight) if weight.grad is None else weight.grad
        buffer.lerp_(gradient, 1 - share)
        return gradient.lerp(buffer, share)


def parts(tensor: Tensor, matrix: Matrix) -> list[Tensor]:
    """Views [outputs, inputs] of the matrices that stand side by side in `tensor`."""
    outputs_first = tensor.mT if matrix.inputs_first else tensor
    return list(outputs_first.chunk(matrix.joined))


def wide(view: Tensor) -> Tensor:
    return view if view.shape[0] <= view.shape[1] else view.mT


def learning(group: dict[str, Any]) -> dict[str, Any]:
    """The group without the weights that are frozen: they get no state."""
    return group | {"params": [weight for weight in group["params"] if weight.requires_grad]}


def optimizer(
    model: PreTrainedModel, settings: OptimizerSettings, *, dtype: torch.dtype
) -> torch.optim.AdamW:
    """The configured optimizer over the parameters of `model` that are to be trained.

    Args:
        dtype: of Muon's matrix products, bf16 only where the processor is fast at it.
    """
    muon = matrices(model) if settings.kind == "muon" else []
    blocks = [matrix.weight for matrix in matrices(model)]
    embeddings = [model.get_input_embeddings().weight]
    if (head := model.get_output_embeddings()) is not None and head.weight is not embeddings[0]:
        embeddings.append(head.weight)
    placed = {id(weight) for weight in blocks + embeddings}
    rest = [weight for weight in model.parameters() if id(weight) not in placed]
    decay, momentum = settings.weight_decay, settings.momentum
    groups = [
        {"params": blocks, "lr": settings.matrix_rate, "weight_decay": decay, "muon": bool(muon)},
        {"params": embeddings, "lr": settings.embedding_rate, "weight_decay": 0.0, "muon": False},
        {"params": rest, "lr": settings.rate, "weight_decay": 0.0, "muon": False},
    ]
    return MuonAdamW(
        [learning(group) | {"momentum": momentum} for group in groups],
        muon,
        dtype=dtype,
        betas=(settings.beta1, settings.beta2),
        fused=True,
    )
