"""The model that training begins with."""

from pathlib import Path

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xuxie.errors import Refusal, bad_data
from xuxie.model.adapt import adapted
from xuxie.model.architecture import build
from xuxie.model.directory import load_model, load_tokenizer
from xuxie.model.settings import ModelSettings
from xuxie.model.vocabulary import add_rows
from xuxie.tokenizer.encode import boundary
from xuxie.tokenizer.extend import added_tokens


def start(
    shape: ModelSettings, pretrained: Path, words: PreTrainedTokenizerBase, seed: int
) -> PreTrainedModel:
    """Fresh weights, or those that fetch brought, with gradients where `shape` asks for them.

    Args:
        pretrained: model directory, read if `shape` starts from it.
        words: the tokenizer; where it is the pretrained one, extended, the model gets the rows.

    Raises:
        Refusal: there is no such model, or it has fewer tokens than a tokenizer not made for it.
    """
    if shape.start == "scratch":
        return build(shape, vocabulary=len(words), boundary=boundary(words), seed=seed)
    torch.manual_seed(seed)
    model = load_model(pretrained).train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = shape.dropout
    if pieces := added_tokens(words, load_tokenizer(pretrained)):
        add_rows(model, pieces)
    if len(words) > model.config.vocab_size:
        raise too_many_tokens(len(words), model.config.vocab_size)
    return adapted(model, shape.adapt, new_tokens=bool(pieces))


def too_many_tokens(tokens: int, rows: int) -> Refusal:
    return bad_data(
        f"分词器有 {tokens} 个词元，预训练模型只有 {rows} 个；请设 tokenizer=pretrained",
        f"the tokenizer has {tokens} tokens, the pretrained model {rows}; set tokenizer=pretrained",
    )
