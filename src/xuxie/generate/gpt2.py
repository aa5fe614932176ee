"""GPT-2's forward for decoding: one call a product, keys and values in place, nothing else.

The same function as transformers' GPT2LMHeadModel in fp32, up to the order of sums.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import embedding, layer_norm, scaled_dot_product_attention
from transformers import PreTrainedModel

# Keys attended to are a multiple of this, the rest masked: so a row's sums do not depend on how
# long its neighbours are. A product of fewer than 400 numbers takes another kernel in torch, hence
# more keys for heads under 13 numbers.
KEYS, HEAD = 32, 13


def is_plain_gpt2(model: PreTrainedModel) -> bool:
    """In fp32 and without the options that no GPT-2 of ours has."""
    config: Any = model.config
    return bool(
        config.model_type == "gpt2"
        and not config.add_cross_attention
        and not config.reorder_and_upcast_attn
        and all(weight.dtype == torch.float32 for weight in model.parameters())
    )


@dataclass(frozen=True, slots=True)
class Norm:
    weight: Tensor
    bias: Tensor
    epsilon: float

    def __call__(self, x: Tensor) -> Tensor:
        return layer_norm(x, self.weight.shape, self.weight, self.bias, self.epsilon)


@dataclass(frozen=True, slots=True)
class Product:
    """x @ weight + bias; weight [in, out]: with the other layout MKL takes longer for few rows."""

    weight: Tensor
    bias: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        return torch.addmm(self.bias, x, self.weight)

    def add_to(self, stream: Tensor, x: Tensor) -> None:
        stream.add_(self.bias).addmm_(x, self.weight)


@dataclass(frozen=True, slots=True)
class Layer:
    before: Norm
    attend: Product
    attended: Product
    scale: float
    between: Norm
    widen: Product
    activate: Callable[[Tensor], Tensor]
    narrow: Product

    def feed(self, x: Tensor) -> None:
        """Add what the layer's second half makes of `x` [rows, width] to it."""
        self.narrow.add_to(x, self.activate(self.widen(self.between(x))))


@dataclass(frozen=True, slots=True)
class Seen:
    """A layer's memory [vectors, head], and of its beginning keys [rows * heads, head, places] and
    values [rows * heads, places, head]."""

    memory: Tensor
    keys: Tensor
    values: Tensor


def layer_of(block: Any) -> Layer:
    attention, wide = block.attn, block.mlp
    return Layer(
        norm_of(block.ln_1),
        product_of(attention.c_attn),
        product_of(attention.c_proj),
        float(attention.scaling),
        norm_of(block.ln_2),
        product_of(wide.c_fc),
        getattr(wide.act, "act", wide.act),
        product_of(wide.c_proj),
    )


def norm_of(module: Any) -> Norm:
    return Norm(module.weight.detach(), module.bias.detach(), module.eps)


def product_of(module: Any) -> Product:
    return Product(module.weight.detach().contiguous(), module.bias.detach())


class Gpt2Decoder:
    """A Decoder; rows stand at places of their own, so prompts need no padding.

    Keys and values of a layer lie in [2, rows, heads, places, head]; `slots` are the places to
    write next, counted along a layer's flattened memory.
    """

    ragged, steady = True, False

    def __init__(self, model: PreTrainedModel) -> None:
        body: Any = model.transformer
        config: Any = model.config
        self.words: Tensor = body.wte.weight.detach()
        self.places: Tensor = body.wpe.weight.detach()
        self.layers = [layer_of(block) for block in body.h]
        self.last = norm_of(body.ln_f)
        self.head = model.lm_head.weight.detach().t().contiguous()
        self.heads, self.width = int(config.n_head), int(config.n_embd)
        self.size = self.width // self.heads
        self.widths = [len(self.layers[0].widen.bias)]
        self.round = KEYS * -(-HEAD // self.size)
        self.memory: Tensor = self.words.new_empty(0)
        self.logits: Tensor = self.memory

    def start(self, prompts: list[list[int]], new_tokens: int) -> Tensor:
        lengths = torch.tensor([len(prompt) for prompt in prompts], device=self.words.device)
        self.longest, self.position = int(lengths.max()), lengths
        self.reserve(len(prompts), self.rounded(self.longest + new_tokens))
        self.place(lengths)
        ends = self.words.new_empty(len(prompts), self.width)
        for prompt in {tuple(prompt) for prompt in prompts}:
            rows = [row for row, other in enumerate(prompts) if tuple(other) == prompt]
            ends[rows] = self.read(prompt, rows)
        return self.predict(ends)

    def predict(self, x: Tensor) -> Tensor:
        torch.mm(self.last(x), self.head, out=self.logits)
        return self.logits

    def rounded(self, places: int) -> int:
        return -(-places // self.round) * self.round

    def reserve(self, rows: int, places: int) -> None:
        """Memory for a batch, the one before if it fits: touching fresh pages takes long."""
        shape = (len(self.layers), 2, rows, self.heads, places, self.size)
        if self.memory.shape != shape:
            self.memory = self.words.new_zeros(shape)
            self.logits = self.words.new_empty(rows, len(self.words))

    def place(self, lengths: Tensor) -> None:
        """Set `slots` and `whole_mask` [rows * heads, 1, places] to where each row stands."""
        _, _, rows, heads, places, _ = self.memory.shape
        ends = lengths.repeat_interleave(heads)
        own = torch.arange(rows * heads, device=ends.device) * places + ends
        self.slots = torch.cat([own, own + rows * heads * places])
        behind = torch.arange(places, device=ends.device) >= ends[:, None]
        self.whole_mask = self.mask = torch.where(behind, -torch.inf, 0.0)[:, None]
        self.seen: list[Seen] = []

    def read(self, prompt: tuple[int, ...], rows: list[int]) -> Tensor:
        """The stream [width] after a prompt; its keys and values go to each of `rows`.

        A prompt is read by itself: what is read beside it cannot change its bits.
        """
        count = len(prompt)
        tokens = torch.tensor(prompt, device=self.words.device)
        x = embedding(tokens, self.words) + self.places[:count]
        for layer, memory in zip(self.layers, self.memory, strict=True):
            mixed = layer.attend(layer.before(x)).view(count, 3, self.heads, self.size)
            query, key, value = mixed.permute(1, 2, 0, 3)[:, None]
            for row in rows:
                memory[0, row, :, :count], memory[1, row, :, :count] = key[0], value[0]
            seen = scaled_dot_product_attention(
                query, key, value, is_causal=True, scale=layer.scale
            )
            layer.attended.add_to(x, seen[0].transpose(0, 1).reshape(count, self.width))
            layer.feed(x)
        return x[-1]

    def step(self, tokens: Tensor) -> Tensor:
        x = embedding(tokens, self.words).add_(embedding(self.position, self.places))
        self.longest += 1
        if self.longest > self.mask.shape[-1] or not self.seen:
            self.look(self.rounded(self.longest))
        self.whole_mask.view(-1).index_fill_(0, self.slots[: len(self.mask)], 0.0)
        for layer, seen in zip(self.layers, self.seen, strict=True):
            layer.attended.add_to(x, self.attention(layer, seen, x))
            layer.feed(x)
        self.slots += 1
        self.position += 1
        return self.predict(x)

    def look(self, keys: int) -> None:
        """Set what the steps see of the memory: the first `keys` places of every row."""
        _, _, rows, heads, _, size = self.memory.shape
        self.mask = self.whole_mask[:, :, :keys]
        self.seen = []
        for memory in self.memory:
            key, value = memory.view(2, rows * heads, -1, size)[:, :, :keys]
            self.seen.append(Seen(memory.view(-1, size), key.transpose(1, 2), value))

    def attention(self, layer: Layer, seen: Seen, x: Tensor) -> Tensor:
        """[rows, width], what each row's token sees of its row.

        Two batched products: in torch 2.13 the fused kernel takes up to 1.8 times as long at 64
        rows, and about as long at 5.
        """
        rows = len(x)
        mixed = layer.attend(layer.before(x)).view(rows, 3, self.heads, self.size)
        mixed = mixed.transpose(0, 1).reshape(3 * rows * self.heads, 1, self.size)
        query, new = mixed.tensor_split((rows * self.heads,))
        seen.memory.index_copy_(0, self.slots, new[:, 0])
        scores = torch.baddbmm(self.mask, query, seen.keys, alpha=layer.scale)
        return torch.bmm(scores.softmax(-1), seen.values).view(rows, self.width)
