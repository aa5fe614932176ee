"""Continuations of prompts, each a function of (seed, prompt, number of the sample)."""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from transformers import LogitsProcessorList, PreTrainedModel, PreTrainedTokenizerBase
from transformers.generation.streamers import BaseStreamer

from xuxie.errors import bad_parameters
from xuxie.generate.settings import GenerateSettings
from xuxie.generate.text import readable, settled
from xuxie.generate.utf8 import ValidUtf8, transitions
from xuxie.model.directory import context_of
from xuxie.tokenizer.encode import boundary, encode

Emit = Callable[[str], None]


@dataclass(frozen=True)
class Sample:
    """
    text: the continuation alone.
    finished: the model ended the text itself.
    bits_per_character: what the model charges for the sampled tokens after the prompt.
    """

    prompt: str
    number: int
    text: str
    tokens: int
    finished: bool
    bits_per_character: float


class Sampler:
    """
    Args:
        settings: as in conf/generate; `prompts` and `samples` are the caller's business.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        settings: GenerateSettings,
    ) -> None:
        self.model, self.tokenizer, self.settings = model, tokenizer, settings
        self.end = boundary(tokenizer)
        self.table = transitions(tokenizer)
        self.context = context_of(model)
        if settings.max_new_tokens >= self.context:
            raise bad_parameters(
                f"generate.max_new_tokens = {settings.max_new_tokens}（允许：< {self.context}）",
                f"generate.max_new_tokens = {settings.max_new_tokens} (allowed: < {self.context})",
            )

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

    def sample(self, prompt: str, number: int, emit: Emit | None = None) -> Sample:
        """Continue `prompt`; `emit` gets the text piece by piece, in whole characters."""
        start = self.start(prompt)
        inputs = torch.tensor([start], device=self.model.device)
        streamer = Pieces(self.tokenizer, len(start), emit) if emit else None
        with torch.random.fork_rng(), torch.inference_mode():
            torch.manual_seed(seed_of(self.settings.seed, prompt, number))
            output = self.model.generate(
                inputs,
                attention_mask=torch.ones_like(inputs),
                logits_processor=self.processors(len(start)),
                streamer=streamer,
                **self.options(),
            )[0]
            bits = self.bits(output, len(start))
        new = output[len(start) :].tolist()
        finished = bool(new) and new[-1] == self.end
        text = readable(text_of(self.tokenizer, new))
        return Sample(prompt, number, text, len(new), finished, bits / max(len(text), 1))

    def processors(self, prompt_length: int) -> LogitsProcessorList:
        checks = [ValidUtf8(self.table, prompt_length)] if self.table is not None else []
        return LogitsProcessorList(checks)

    def options(self) -> dict[str, object]:
        settings = self.settings
        options: dict[str, object] = {
            "min_new_tokens": settings.min_new_tokens,
            "max_new_tokens": settings.max_new_tokens,
            "repetition_penalty": settings.repetition_penalty,
            "do_sample": settings.temperature > 0,
            "eos_token_id": self.end,
            "pad_token_id": self.end,
        }
        if settings.temperature > 0:
            options |= {
                "temperature": settings.temperature,
                "top_k": settings.top_k,
                "top_p": settings.top_p,
            }
        return options

    def bits(self, output: torch.Tensor, prompt_length: int) -> float:
        """-log2 of the model's own, untempered probability of the sampled tokens."""
        seen = output[None, :-1]
        logits = self.model(seen, attention_mask=torch.ones_like(seen), use_cache=False).logits
        chances = logits[0, prompt_length - 1 :].float().log_softmax(-1)
        return float(-chances.gather(1, output[prompt_length:, None]).sum()) / math.log(2)


class Pieces(BaseStreamer):
    """Hands on text as soon as nothing can change it any more."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, prompt_length: int, emit: Emit) -> None:
        self.tokenizer, self.emit = tokenizer, emit
        self.waiting = prompt_length
        self.tokens: list[int] = []
        self.shown = 0

    def put(self, value: torch.Tensor) -> None:
        tokens = value.flatten().tolist()
        if self.waiting:
            self.waiting -= len(tokens)
            return
        self.tokens += tokens
        self.show(settled(text_of(self.tokenizer, self.tokens)))

    def show(self, text: str) -> None:
        text = readable(text)
        self.emit(text[self.shown :])
        self.shown = max(self.shown, len(text))

    def end(self) -> None:
        self.show(text_of(self.tokenizer, self.tokens))


def text_of(tokenizer: PreTrainedTokenizerBase, tokens: list[int]) -> str:
    """Without special tokens, which stand for no text."""
    return str(tokenizer.decode(tokens, skip_special_tokens=True))


def seed_of(seed: int, prompt: str, number: int) -> int:
    """63 bits that no other sample of any prompt shares."""
    digest = hashlib.sha256(f"{seed}\0{prompt}\0{number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
