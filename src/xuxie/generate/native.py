"""The decoder whose forward is compiled for this processor: one call a step."""

import ctypes
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad
from transformers import PreTrainedModel

from xuxie.generate import kernel
from xuxie.generate.gpt2 import is_plain_gpt2
from xuxie.generate.int8 import rounded

# Columns of a panel; what places and numbers of a head are rounded up to. As in kernel.c.
WIDE, UNIT = 32, 16
# Tokens of prompts that are read in one call: their numbers stay in the second-level cache.
CHUNK = 128
GELU = {"gelu_new", "gelu_pytorch_tanh"}


def fits(model: PreTrainedModel) -> bool:
    """Whether the kernel computes what this model does."""
    config: Any = model.config
    return (
        is_plain_gpt2(model)
        and config.activation_function in GELU
        and model.device.type == "cpu"
        and kernel.library() is not None
    )


def upwards(number: int, unit: int) -> int:
    return -(-number // unit) * unit


class NativeDecoder:
    """A Decoder of GPT-2 in fp32; a row's logits have the same bits in every batch.

    Rows stand at places of their own. Weights are kept in panels of `WIDE` columns, each read
    from its beginning to its end.

    Args:
        model: one that `fits`.
        small: weights in int8.
    """

    ragged = steady = True

    def __init__(self, model: PreTrainedModel, *, small: bool = False) -> None:
        # By getattr, as the library may be None to a type checker; `fits` has seen it.
        self.read_tokens: Any = getattr(kernel.library(), "xuxie_read")  # noqa: B009
        self.kept: list[Tensor] = []
        self.small = small
        body: Any = model.transformer
        config: Any = model.config
        self.widths = [int(config.n_embd)]
        self.width, self.heads = int(config.n_embd), int(config.n_head)
        self.size = upwards(self.width // self.heads, UNIT)
        self.vocabulary = len(model.lm_head.weight)
        self.model = self.packed(body, model.lm_head.weight.detach().t())
        self.memory: Tensor = torch.empty(0)
        self.space: Tensor = torch.empty(0)

    def packed(self, body: Any, head: Tensor) -> kernel.Model:
        layers = (kernel.Layer * len(body.h))(*map(self.layer, body.h))
        self.inner = int(layers[0].widen.outputs)
        return kernel.Model(
            words=self.address(body.wte.weight),
            places=self.address(body.wpe.weight),
            layers=layers,
            last=self.norm(body.ln_f),
            head=self.product(head, None),
            depth=len(layers),
            width=self.width,
            inner=self.inner,
            heads=self.heads,
            epsilon=body.ln_f.eps,
        )

    def layer(self, block: Any) -> kernel.Layer:
        attention, wide = block.attn, block.mlp
        return kernel.Layer(
            before=self.norm(block.ln_1),
            between=self.norm(block.ln_2),
            attend=self.product(attention.c_attn.weight, attention.c_attn.bias),
            attended=self.product(attention.c_proj.weight, attention.c_proj.bias),
            widen=self.product(wide.c_fc.weight, wide.c_fc.bias),
            narrow=self.product(wide.c_proj.weight, wide.c_proj.bias),
            scale=float(attention.scaling),
        )

    def norm(self, module: Any) -> kernel.Norm:
        return kernel.Norm(self.address(module.weight), self.address(module.bias))

    def product(self, weight: Tensor, bias: Tensor | None) -> kernel.Product:
        """weight [in, out], bias [out]."""
        numbers, scales = rounded(weight.detach()) if self.small else (weight.detach(), None)
        inputs, outputs = weight.shape
        more = upwards(outputs, WIDE) - outputs
        panels = pad(numbers, (0, more)).view(inputs, -1, WIDE).transpose(0, 1)
        columns = [one if one is None else pad(one.detach(), (0, more)) for one in (scales, bias)]
        held = [one if one is None else self.address(one) for one in columns]
        return kernel.Product(self.address(panels), *held, inputs, outputs)

    def address(self, tensor: Tensor) -> int:
        """Of its numbers, which stay as long as this decoder does."""
        self.kept.append(tensor.detach().contiguous())
        return int(self.kept[-1].data_ptr())

    def start(self, prompts: list[list[int]], new_tokens: int) -> Tensor:
        longest = max(map(len, prompts))
        self.reserve(len(prompts), upwards(longest + new_tokens, UNIT))
        first = {tuple(prompt): row for row, prompt in reversed([*enumerate(prompts)])}
        ends = self.read({row: list(prompt) for prompt, row in first.items()})
        for row, prompt in enumerate(prompts):
            source = first[tuple(prompt)]
            if source != row:
                self.memory[:, :, row] = self.memory[:, :, source]
                ends[row] = ends[source]
        self.places = torch.tensor([len(prompt) for prompt in prompts])
        self.rows = torch.arange(len(prompts))
        self.logits[:] = ends
        return self.logits

    def reserve(self, rows: int, room: int) -> None:
        """Memory for a batch, the one before if it fits: touching fresh pages takes long."""
        shape = (2, int(self.model.depth), rows, self.heads, room * self.size)
        if self.memory.shape != shape:
            self.memory = torch.zeros(shape)
            self.logits = torch.empty(rows, self.vocabulary)
        keys, values = self.memory
        self.place = kernel.Memory(keys.data_ptr(), values.data_ptr(), rows, room)

    def read(self, prompts: dict[int, list[int]]) -> Tensor:
        """Logits [rows, vocabulary] after the prompt of each row; others are not set."""
        tokens = torch.tensor([token for prompt in prompts.values() for token in prompt])
        rows = torch.tensor([row for row, prompt in prompts.items() for _ in prompt])
        places = torch.tensor([n for prompt in prompts.values() for n in range(len(prompt))])
        last = rows != torch.cat([rows[1:], torch.tensor([-1])])
        logits = torch.empty_like(self.logits)
        for part in torch.split(torch.arange(len(tokens)), CHUNK):
            ends = last[part].nonzero()[:, 0]
            found = logits.new_empty(len(ends), self.vocabulary)
            self.forward(tokens[part], rows[part], places[part], ends, found)
            logits[rows[part][ends]] = found
        return logits

    def step(self, tokens: Tensor) -> Tensor:
        self.forward(tokens, self.rows, self.places, self.rows, self.logits)
        self.places += 1
        return self.logits

    def forward(
        self, tokens: Tensor, rows: Tensor, places: Tensor, ends: Tensor, logits: Tensor
    ) -> None:
        """Read one token a row, or several in their order; logits behind those at `ends`."""
        count = len(tokens)
        if self.space.numel() < count * (5 * self.width + self.inner):
            self.space = torch.empty(count * (5 * self.width + self.inner))
        self.read_tokens(
            ctypes.byref(self.model),
            ctypes.byref(self.place),
            tokens.data_ptr(),
            rows.data_ptr(),
            places.data_ptr(),
            count,
            ends.data_ptr(),
            len(ends),
            logits.data_ptr(),
            self.space.data_ptr(),
            torch.get_num_threads(),
        )
