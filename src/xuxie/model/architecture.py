"""A GPT-2 of the configured shape, with fresh weights."""

import torch
from transformers import GPT2Config, GPT2LMHeadModel

from xuxie.model.settings import ModelSettings


def build(settings: ModelSettings, *, vocabulary: int, boundary: int, seed: int) -> GPT2LMHeadModel:
    """A model whose directory every tool that knows GPT-2 loads.

    The projections back into the residual stream start at zero, so that each block begins as the
    identity (Zhang et al. 2019, arXiv 1901.09321). `gelu_pytorch_tanh` is the same function as
    GPT-2's `gelu_new` in one kernel.

    Args:
        vocabulary: number of tokens, the size of the embeddings.
        boundary: the token between documents.
    """
    torch.manual_seed(seed)
    model = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=vocabulary,
            n_positions=settings.context,
            n_embd=settings.width,
            n_layer=settings.layers,
            n_head=settings.heads,
            activation_function="gelu_pytorch_tanh",
            resid_pdrop=settings.dropout,
            embd_pdrop=settings.dropout,
            attn_pdrop=settings.dropout,
            bos_token_id=boundary,
            eos_token_id=boundary,
        )
    )
    with torch.no_grad():
        for block in model.transformer.h:
            block.attn.c_proj.weight.zero_()
            block.mlp.c_proj.weight.zero_()
    return model
