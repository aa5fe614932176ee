"""Which part of a prompt made a model go on as it did: integrated gradients on embeddings.

Sundararajan, Taly, Yan 2017, "Axiomatic Attribution for Deep Networks" (arXiv 1703.01365). The
path leads from a prompt of nothing but boundary tokens to the prompt. An embedding of zeros, the
usual starting point, suits no model that divides by the size of its input (Llama's norm): along
that path all of the change lies in its first thousandth.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from transformers import PreTrainedModel

Reals = npt.NDArray[np.float64]
# Tokens of one forward pass; steps of the path are computed side by side up to this.
TOKENS = 2048
# Bits that the parts may differ from the whole, and how often the steps are doubled to get there.
ENOUGH, DOUBLINGS = 0.01, 2


@dataclass(frozen=True)
class Attribution:
    """
    bits: by token before the target, how much it raised the log-probability of the target.
    log_probability, baseline: of the target behind the prompt, and behind boundaries alone; bits.
    error: by how much the sum of `bits` misses their difference (completeness).
    steps: points of the path.
    """

    bits: list[float]
    log_probability: float
    baseline: float
    error: float
    steps: int


def attribution(
    model: PreTrainedModel,
    boundary: int,
    before: Sequence[int],
    target: Sequence[int],
    *,
    steps: int,
) -> Attribution:
    """Attribute log P(target | before) to the tokens before; a boundary among them gets nothing.

    Args:
        target: what the model went on with, one token at least.
        steps: points of the path to begin with; doubled, twice at most, until the sum is right to
            0.01 bits.
    """
    path = Path(model, boundary, before, target)
    baseline, reached = path.ends()
    for wanted in (steps << doubled for doubled in range(DOUBLINGS + 1)):
        bits = path.integrated(wanted)
        found = Attribution(bits, reached, baseline, off(bits, reached - baseline), wanted)
        if found.error <= ENOUGH:
            break
    return found


def off(bits: list[float], difference: float) -> float:
    return abs(math.fsum(bits) - difference)


class Path:
    """The straight line between the embeddings of two prompts, the same around them."""

    def __init__(
        self, model: PreTrainedModel, boundary: int, before: Sequence[int], target: Sequence[int]
    ) -> None:
        device, embed = model.device, model.get_input_embeddings()
        self.model, self.target = model, torch.tensor(target, device=device)
        ends = ([boundary] * len(before), before)
        with torch.no_grad():
            self.start, end = embed(
                torch.tensor([[*tokens, *target[:-1]] for tokens in ends], device=device)
            )
        self.difference = end - self.start
        self.before = slice(0, len(before))

    def bits(self, points: Tensor) -> Tensor:
        """log P(target) for embeddings [points, tokens, width], in bits."""
        count = len(self.target)
        attended = torch.ones(points.shape[:2], dtype=torch.long, device=points.device)
        made = self.model(
            inputs_embeds=points,
            attention_mask=attended,
            use_cache=False,
            logits_to_keep=count,
        )
        chances = made.logits[:, -count:].double().log_softmax(-1)
        wanted = self.target.expand(len(points), -1)[..., None]
        nats: Tensor = chances.gather(2, wanted)[..., 0].sum(1)
        return nats / math.log(2)

    @torch.no_grad()
    def ends(self) -> tuple[float, float]:
        first, last = self.bits(torch.stack([self.start, self.start + self.difference])).tolist()
        return first, last

    def integrated(self, steps: int) -> list[float]:
        """The integral of the gradient times the difference, by Gauss-Legendre quadrature."""
        nodes, weights = np.polynomial.legendre.leggauss(steps)
        total = torch.zeros(self.start.shape, dtype=torch.double, device=self.start.device)
        many = max(TOKENS // len(self.start), 1)
        for first in range(0, steps, many):
            part = slice(first, first + many)
            total += self.gradients((nodes[part] + 1) / 2, weights[part] / 2)
        parts: list[float] = (total * self.difference).sum(-1)[self.before].tolist()
        return parts

    def gradients(self, nodes: Reals, weights: Reals) -> Tensor:
        """[tokens, width]: the weighted sum of the gradients at these points of the path."""
        device, size = self.start.device, self.start.dtype
        along = torch.tensor(nodes, device=device, dtype=size)[:, None, None]
        points = (self.start + along * self.difference).requires_grad_()
        (found,) = torch.autograd.grad(self.bits(points).sum(), points)
        return torch.einsum("p,ptw->tw", torch.tensor(weights, device=device), found.double())


def by_character(
    bits: Sequence[float], places: Sequence[tuple[int, int]], length: int
) -> list[float]:
    """Bits of tokens as bits of the text's characters, those it touches in equal parts."""
    values = [0.0] * length
    for value, (start, end) in zip(bits, places, strict=True):
        for place in range(start, end):
            values[place] += value / (end - start)
    return values
