"""Weights in eight bits: a scale for each output, the products in single precision.

Activations stay as they are. Eight-bit activations need a scale from the numbers at hand, and in
torch 2.13 that is one for the whole batch: a text would then depend on its neighbours.
"""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

LARGEST = 127


def rounded(weight: Tensor) -> tuple[Tensor, Tensor]:
    """weight [in, out] as int8 [in, out] and scales [out]; their product is nearest to it."""
    scales = weight.abs().amax(0) / LARGEST
    numbers = weight / torch.where(scales > 0, scales, 1.0)
    return numbers.round().to(torch.int8), scales


@torch.no_grad()
def round_weights(model: PreTrainedModel) -> None:
    """Give GPT-2's own matrices the numbers that int8 stands for, in place; for scoring.

    The embedding of tokens stays exact, as it is looked up, not multiplied; the head is rounded.
    """
    body: Any = model.transformer
    for block in body.h:
        for module in (block.attn.c_attn, block.attn.c_proj, block.mlp.c_fc, block.mlp.c_proj):
            numbers, scales = rounded(module.weight)
            module.weight.copy_(numbers * scales)
    numbers, scales = rounded(model.lm_head.weight.t())
    model.lm_head.weight = nn.Parameter((numbers * scales).t().contiguous())
