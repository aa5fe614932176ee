"""Any causal language model of transformers through its own forward and cache."""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import DynamicCache, PreTrainedModel


class StockDecoder:
    """A Decoder for prompts of one length: without padding no model can mistake a position."""

    ragged = steady = False

    def __init__(self, model: PreTrainedModel) -> None:
        self.model = model
        config: Any = model.config.get_text_config()
        head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        inner = getattr(config, "intermediate_size", None) or config.hidden_size
        self.widths = [config.hidden_size, head, inner]
        lay_out(model)
        if model.device.type == "cpu":
            # torch's fused attention divides rows between threads, and on AVX2 a row of the second
            # thread's part had other bits: 278 of 640 logits with 16 rows instead of 64.
            model.set_attn_implementation("eager")

    def start(self, prompts: list[list[int]], new_tokens: int) -> Tensor:
        """Read each different prompt once and by itself; so no neighbour can change its bits."""
        del new_tokens  # the cache grows
        read = {prompt: self.read(prompt) for prompt in {tuple(prompt) for prompt in prompts}}
        self.cache = read[tuple(prompts[0])][1]
        kept = {prompt: lines_of(cache) for prompt, (_, cache) in read.items()}
        self.cache.batch_repeat_interleave(len(prompts))
        if len(read) > 1:
            for row, prompt in enumerate(prompts):
                self.fill(row, kept[tuple(prompt)])
        return torch.cat([read[tuple(prompt)][0] for prompt in prompts])

    def read(self, prompt: tuple[int, ...]) -> tuple[Tensor, DynamicCache]:
        tokens = torch.tensor([prompt], device=self.model.device)
        cache = DynamicCache(config=self.model.config)
        return self.forward(tokens, cache), cache

    def fill(self, row: int, lines: list[tuple[Tensor, Tensor]]) -> None:
        for layer, (keys, values) in zip(self.cache.layers, lines, strict=True):
            layer.keys[row], layer.values[row] = keys[0], values[0]

    def step(self, tokens: Tensor) -> Tensor:
        return self.forward(tokens[:, None], self.cache)

    def forward(self, tokens: Tensor, cache: DynamicCache) -> Tensor:
        made = self.model(tokens, past_key_values=cache, use_cache=True, logits_to_keep=1)
        logits: Tensor = made.logits[:, -1].float()
        return logits


def lines_of(cache: DynamicCache) -> list[tuple[Tensor, Tensor]]:
    return [(layer.keys, layer.values) for layer in cache.layers]


def lay_out(model: PreTrainedModel) -> None:
    """Store matrices as [in, out] in memory; their shape and numbers stay.

    MKL then needs half the time for 5 rows, and a row has the same bits in any batch of 2 or more
    instead of 16 or more.
    """
    for module in model.modules():
        if isinstance(module, nn.Linear) and module.weight.device.type == "cpu":
            module.weight.data = module.weight.data.t().contiguous().t()
