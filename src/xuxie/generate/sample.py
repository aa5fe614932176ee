"""Continuations of prompts, each a function of (seed, prompt, number of the sample)."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xuxie.errors import bad_parameters
from xuxie.generate.choose import Chooser, uniforms
from xuxie.generate.decoder import decoder_of, steady_rows
from xuxie.generate.growing import Emit, Growing
from xuxie.generate.settings import GenerateSettings
from xuxie.generate.utf8 import ValidUtf8, transitions
from xuxie.model.directory import context_of
from xuxie.tokenizer.encode import boundary, encode

Wanted = tuple[str, int]  # a prompt, and which of its samples


@dataclass(frozen=True)
class Sample:
    """
    text: the continuation alone, up to a stop sequence.
    finished: the model ended the text itself, or a stop sequence did.
    bits_per_character: what the model charges for the sampled tokens after the prompt.
    """

    prompt: str
    number: int
    text: str
    tokens: int
    finished: bool
    bits_per_character: float


class Sampler:
    """Decodes many samples side by side.

    A sample is the same whatever it is decoded with and however large the batch: its random
    numbers are its own, and its logits have the same bits in every batch (`steady_rows` says in
    which batches they do, and smaller ones are filled up).

    Args:
        settings: as in conf/generate; `prompts` and `samples` are the caller's business.
        compiled: decode with a kernel compiled here, if there is a compiler. What DVC records must
            not depend on that.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        settings: GenerateSettings,
        *,
        compiled: bool,
    ) -> None:
        self.tokenizer, self.settings, self.device = tokenizer, settings, model.device
        self.end = boundary(tokenizer)
        self.table = transitions(tokenizer)
        self.context = context_of(model)
        if settings.max_new_tokens >= self.context:
            raise bad_parameters(
                f"generate.max_new_tokens = {settings.max_new_tokens}（允许：< {self.context}）",
                f"generate.max_new_tokens = {settings.max_new_tokens} (allowed: < {self.context})",
            )
        with torch.inference_mode():
            self.decoder = decoder_of(model, settings.weights, compiled=compiled)
            self.rows = steady_rows(self.decoder, settings.batch)

    def start(self, prompt: str) -> list[int]:
        """Tokens of the prompt behind a boundary; of a long prompt the end that leaves room."""
        tokens = [self.end, *encode(self.tokenizer, [prompt])[0]]
        room = self.context - self.settings.max_new_tokens
        if len(tokens) > room:
            print(
                f"提示有 {len(tokens)} 个词元，只用最后 {room} 个"
                f" | the prompt has {len(tokens)} tokens, only the last {room} are used"
            )
        return tokens[-room:]

    def sample(self, prompt: str, number: int, emit: Callable[[str], None] | None = None) -> Sample:
        """Continue `prompt`; `emit` gets the text piece by piece, in whole characters."""
        pieces = (lambda _, piece, __: emit(piece)) if emit else None
        return next(self.samples([(prompt, number)], pieces))

    def samples(self, wanted: Sequence[Wanted], emit: Emit | None = None) -> Iterator[Sample]:
        """Samples in the order of `wanted`; `emit` gets their pieces, numbered as `wanted` is."""
        starts = {prompt: self.start(prompt) for prompt, _ in wanted}
        for places in self.batches([len(starts[prompt]) for prompt, _ in wanted]):
            batch = [wanted[place] for place in places]
            texts = [self.growing(place, emit) for place in places]
            with torch.inference_mode():
                self.decode(batch, [starts[prompt] for prompt, _ in batch], texts)
            for (prompt, number), text in zip(batch, texts, strict=True):
                yield made(prompt, number, text)

    def batches(self, lengths: list[int]) -> Iterator[range]:
        """Neighbours that are decoded together."""
        first = 0
        for place in range(1, len(lengths) + 1):
            full = place == len(lengths) or place - first == self.rows.most
            if full or not (self.decoder.ragged or lengths[place] == lengths[first]):
                yield range(first, place)
                first = place

    def growing(self, place: int, emit: Emit | None) -> Growing:
        own = (lambda piece, last: emit(place, piece, last)) if emit else None
        return Growing(self.tokenizer, self.end, self.settings.stop, own)

    def decode(self, batch: list[Wanted], starts: list[list[int]], texts: list[Growing]) -> None:
        """Let each of `texts` grow to its end behind its start."""
        more = self.rows.filled(len(batch)) - len(batch)
        batch, starts = batch + batch[-1:] * more, starts + starts[-1:] * more
        most = self.settings.max_new_tokens
        logits = self.decoder.start(starts, most)
        chooser = self.chooser(batch, starts, logits)
        charged = torch.empty_like(logits)
        for step in range(1, most + 1):
            torch.log_softmax(logits, -1, out=charged)
            tokens = chooser.choose(logits)
            chances = charged.gather(1, tokens[:, None])[:, 0]
            for text, token, chance in zip(texts, tokens.tolist(), chances.tolist(), strict=False):
                text.add(token, -chance, last=step == most)
            if all(text.ended for text in texts):
                break
            logits = self.decoder.step(tokens)

    def chooser(self, batch: list[Wanted], starts: list[list[int]], logits: Tensor) -> Chooser:
        settings, valid = self.settings, None
        count = settings.max_new_tokens if settings.temperature > 0 else 0
        drawn = [uniforms(settings.seed, prompt, number, count) for prompt, number in batch]
        if self.table is not None:
            valid = ValidUtf8(self.table, len(logits), logits.shape[1], logits.device)
        return Chooser(settings, starts, torch.stack(drawn).to(self.device), self.end, valid)


def made(prompt: str, number: int, text: Growing) -> Sample:
    bits = text.nats / math.log(2) / max(len(text.text), 1)
    return Sample(prompt, number, text.text, len(text.tokens), text.finished, bits)
