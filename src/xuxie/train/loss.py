"""Cross-entropy of the next token, some rows of logits at a time. Knows no batches and no masks."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

# Rows on a processor. In fp32 two for each column of the hidden state, up to this: few rows stay in
# the caches, and each piece passes once over the gradient of the head. Processor time of the loss
# in 256 and in 1,024 rows: 105 and 119 ms at width 128, 1,194 and 1,125 ms at width 384.
ROWS = 1024
ROWS_CUDA = 8192


def rows_at_a_time(hidden: Tensor, dtype: torch.dtype) -> int:
    if hidden.is_cuda:
        return ROWS_CUDA
    return min(ROWS, 2 * hidden.shape[-1]) if dtype == torch.float32 else ROWS


def products_dtype(hidden: Tensor) -> torch.dtype:
    """The number format matrix products have here: autocast's, else that of the tensor."""
    kind = hidden.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else hidden.dtype


def token_losses(hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    """Nats [rows] of each target.

    Args:
        hidden: [rows, width], what the model made of each token.
        weight: [vocabulary, width] of the head.
        targets: [rows], the tokens that follow.
    """
    rows = rows_at_a_time(hidden, products_dtype(hidden))
    pieces = zip(torch.split(hidden, rows), torch.split(targets, rows), strict=True)
    return torch.cat(
        [
            functional.cross_entropy(functional.linear(h, weight).float(), t, reduction="none")
            for h, t in pieces
        ]
    )


def mean_loss(hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    """The mean of `token_losses`, to be differentiated: 1.3 times as fast as by autograd."""
    loss: Tensor = MeanLoss.apply(hidden, weight, targets)  # type: ignore[no-untyped-call]
    return loss


class MeanLoss(torch.autograd.Function):
    """Finds the gradients on the way forward, in the memory of the logits of a few rows."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
        dtype = products_dtype(hidden)
        rows = rows_at_a_time(hidden, dtype)
        to_hidden, to_weight = (torch.zeros_like(t, dtype=torch.float32) for t in (hidden, weight))
        total = torch.zeros((), dtype=torch.float64, device=hidden.device)
        trained = ctx.needs_input_grad[1]
        with torch.autocast(hidden.device.type, enabled=False):
            products = weight.to(dtype)
            buffer = hidden.new_empty(min(rows, len(hidden)), len(weight), dtype=dtype)
            for begin in range(0, len(hidden), rows):
                piece, place = hidden[begin : begin + rows].to(dtype), slice(begin, begin + rows)
                logits = torch.mm(piece, products.t(), out=buffer[: len(piece)])
                nats, errors = softmax_errors(logits, targets[place])
                total += nats
                to_hidden[place] = errors @ products
                if trained:
                    add_product(to_weight, errors.t(), piece)
        ctx.save_for_backward(to_hidden, to_weight)
        ctx.dtypes = hidden.dtype, weight.dtype
        return (total / len(hidden)).float()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor | None, None]:
        to_hidden, to_weight = ctx.saved_tensors
        share = gradients[0] / len(to_hidden)
        of_hidden, of_weight = ctx.dtypes
        trained = ctx.needs_input_grad[1]
        return (
            (to_hidden * share).to(of_hidden),
            (to_weight * share).to(of_weight) if trained else None,
            None,
        )


def softmax_errors(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Nats of all targets together, and the derivative of that by the logits, in their memory.

    The softmax is taken in fp32. Its largest value is at least one in the vocabulary, so that the
    logarithm of the normalising sum follows from it at full precision, without a further pass.
    """
    wanted = targets[:, None]
    largest = logits.amax(dim=1, keepdim=True).float()
    chosen = logits.gather(1, wanted).float()
    if logits.dtype == torch.float32:
        shares = torch.softmax(logits, dim=1, out=logits)
    else:
        shares = torch.softmax(logits, dim=1, dtype=torch.float32)
    nats = largest - shares.amax(dim=1, keepdim=True).log() - chosen
    shares.scatter_add_(1, wanted, torch.full_like(chosen, -1.0))
    return nats.sum(dtype=torch.float64), logits.copy_(shares)


def add_product(total: Tensor, left: Tensor, right: Tensor) -> None:
    """Add left @ right to an fp32 `total`."""
    if left.dtype == total.dtype:
        total.addmm_(left, right)
    else:
        total.add_(left @ right)
