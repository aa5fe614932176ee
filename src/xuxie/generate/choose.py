"""Which token comes next, row by row: no row's choice depends on the rows beside it."""

import hashlib

import numpy as np
import torch
from torch import Tensor

from xuxie.generate.settings import GenerateSettings
from xuxie.generate.utf8 import ValidUtf8


class Chooser:
    """Applies the settings to logits in the order of transformers' `generate`.

    Args:
        starts: the prompts' tokens, for the repetition penalty.
        uniforms: [rows, max_new_tokens] in [0, 1), one number a token; unused at temperature 0.
        end: the token that ends a text.
        valid: None where no token can break a character.
    """

    def __init__(
        self,
        settings: GenerateSettings,
        starts: list[list[int]],
        uniforms: Tensor,
        end: int,
        valid: ValidUtf8 | None,
    ) -> None:
        self.settings, self.uniforms, self.end, self.valid = settings, uniforms, end, valid
        self.history = seen_tokens(starts, settings.max_new_tokens).to(uniforms.device)
        lengths = torch.tensor([len(start) for start in starts], device=uniforms.device)
        self.next = lengths[:, None]
        self.step = 0

    def choose(self, logits: Tensor) -> Tensor:
        """The next token of each row, [rows], from logits [rows, vocabulary], which are used up."""
        self.restrict(logits)
        tokens = self.drawn(logits) if self.settings.temperature > 0 else largest(logits)
        if self.valid is not None:
            self.valid.follow(tokens)
        if self.settings.repetition_penalty != 1:
            self.history.scatter_(1, self.next, tokens[:, None])
            self.next += 1
        self.step += 1
        return tokens

    def restrict(self, scores: Tensor) -> None:
        """Penalty, minimum length and validity, in place; a token with -inf is never taken."""
        penalty = self.settings.repetition_penalty
        if penalty != 1:
            old = scores.gather(1, self.history)
            scores.scatter_(1, self.history, torch.where(old < 0, old * penalty, old / penalty))
        if self.step < self.settings.min_new_tokens:
            scores[:, self.end] = -torch.inf
        if self.valid is not None:
            self.valid.forbid(scores)

    def drawn(self, scores: Tensor) -> Tensor:
        """Inverse transform sampling in double precision, from the likeliest token on."""
        settings = self.settings
        values, tokens = likeliest(
            scores.div_(settings.temperature), settings.top_k, settings.top_p
        )
        chances = values.double().softmax(-1)
        if settings.top_p < 1:
            chances[chances.cumsum(-1) - chances >= settings.top_p] = 0
        sums = chances.cumsum(-1)
        wanted = self.uniforms[:, self.step, None] * sums[:, -1:]
        place = torch.searchsorted(sums, wanted, right=True)
        return (place if tokens is None else tokens.gather(1, place))[:, 0]


def largest(scores: Tensor) -> Tensor:
    """argmax of each row; on a processor NumPy's takes a twentieth of torch 2.13's time."""
    if scores.device.type == "cpu":
        return torch.from_numpy(scores.numpy().argmax(-1))
    return scores.argmax(-1)


def likeliest(scores: Tensor, top_k: int, top_p: float) -> tuple[Tensor, Tensor | None]:
    """Scores and their tokens, falling; all, as they stand (None), where nothing cuts them."""
    if 0 < top_k < scores.shape[1]:
        return scores.topk(top_k)
    if top_p < 1:
        return scores.sort(dim=-1, descending=True, stable=True)
    return scores, None


def seen_tokens(starts: list[list[int]], new_tokens: int) -> Tensor:
    """[rows, longest + new_tokens]; what is not filled yet repeats the row's first token."""
    width = max(map(len, starts)) + new_tokens
    return torch.tensor([start + start[:1] * (width - len(start)) for start in starts])


def uniforms(seed: int, prompt: str, number: int, count: int) -> Tensor:
    """`count` numbers in [0, 1) of sample `number` alone, whatever else is drawn.

    Philox (Salmon et al. 2011) is counter-based; its 128-bit key is a hash, which no other sample
    shares. Single precision: a product with a sum stays below that sum.
    """
    digest = hashlib.sha256(f"{seed}\0{prompt}\0{number}".encode()).digest()
    generator = np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "big")))
    return torch.from_numpy(generator.random(count, dtype=np.float32)).double()
