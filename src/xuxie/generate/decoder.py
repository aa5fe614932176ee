"""What a model must do to decode: read prompts, then take one token a row at a time."""

import math
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from transformers import PreTrainedModel

from xuxie.errors import bad_parameters
from xuxie.generate.gpt2 import Gpt2Decoder, is_plain_gpt2
from xuxie.generate.native import NativeDecoder, fits
from xuxie.generate.stock import StockDecoder

# Batches whose logits are compared; the last is the one that the others must agree with.
ROWS = (1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 48, 64)


class Decoder(Protocol):
    """
    ragged: whether prompts of different lengths may be decoded together.
    steady: whether a row's logits have the same bits in every batch.
    widths: numbers a row has where a function is applied to each of them.
    """

    ragged: bool
    steady: bool
    widths: list[int]

    def start(self, prompts: list[list[int]], new_tokens: int) -> Tensor:
        """Read prompts, forgetting earlier ones; at most `new_tokens` - 1 steps follow.

        Returns:
            [prompts, vocabulary], logits of the token after each prompt. The memory is used again.
        """

    def step(self, tokens: Tensor) -> Tensor:
        """Logits [rows, vocabulary] of what follows one more token a row."""


def decoder_of(model: PreTrainedModel, weights: str, *, compiled: bool) -> Decoder:
    """
    Args:
        compiled: take the compiled decoder, the fastest, where there is a compiler. Its last bits
            depend on the compiler's version.

    Raises:
        Refusal: `weights` is int8, and the compiled decoder, which alone has that, cannot be used.
    """
    if (compiled or weights == "int8") and fits(model):
        return NativeDecoder(model, small=weights == "int8")
    if weights != "fp32":
        raise bad_parameters(
            "generate.weights = int8 只支持 CPU 上的 fp32 GPT-2，且需要 C 编译器"
            "（cc、gcc 或 clang）；请改用 fp32",
            "generate.weights = int8 works for a GPT-2 in fp32 on a processor, and needs a "
            "C compiler (cc, gcc or clang); use fp32",
        )
    return Gpt2Decoder(model) if is_plain_gpt2(model) else StockDecoder(model)


@dataclass(frozen=True)
class Rows:
    """Batch sizes that give a row's logits the same bits: multiples of `unit` in a range."""

    unit: int
    fewest: int
    most: int

    def filled(self, rows: int) -> int:
        """The smallest such size that holds `rows`."""
        return max(self.fewest, up(rows, self.unit))


def up(number: int, unit: int) -> int:
    return -(-number // unit) * unit


def steady_rows(decoder: Decoder, largest: int) -> Rows:
    """Which batch sizes give the same bits, `largest` at most if there are such.

    Matrix products sum in another order where a kernel for few rows takes over, and the last bit
    of a logit decides between two tokens now and then. Which sizes that concerns depends on the
    library, the processor, the shapes and the number of threads, so it is measured: MKL gave equal
    bits from 2 rows on with one thread, and from 24 on where two threads share a sum over 1,536.
    """
    if decoder.steady:
        return Rows(1, 1, largest)
    unit = unit_of(decoder.widths, torch.get_num_threads())
    known = sorted({up(size, unit) for size in ROWS})
    sizes = sorted({*known, up(max(largest, known[-1]), unit)})
    found = {size: probe(decoder, size) for size in sizes}
    whole = found[known[-1]]
    same = [size for size in sizes if torch.equal(found[size][: len(whole)], whole[:size])]
    fewest = next(size for size in known if {n for n in known if n >= size} <= set(same))
    return Rows(unit, fewest, max(fewest, min(largest // unit * unit, same[-1])))


def unit_of(widths: list[int], threads: int) -> int:
    """Rows that fill whole vectors, so that none has its last numbers computed one by one.

    torch goes through a tensor by 32 numbers, on each thread's part of it, and uses another tanh
    or sine for the rest.
    """
    whole = 32 * threads
    return whole // math.gcd(whole, *widths)


def probe(decoder: Decoder, rows: int) -> Tensor:
    """Logits of `rows` rows that differ in their last token."""
    first = decoder.start([[0]] * rows, 2)
    tokens = torch.arange(rows, device=first.device) % first.shape[1]
    return decoder.step(tokens).clone()
