"""Which weights of a pretrained model learn: all, the later blocks, or thin matrices beside them.

peft puts the thin matrices of LoRA into the model in place, so that it stays the class it was.
"""

from torch import nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from xuxie.errors import Refusal, bad_parameters
from xuxie.model.settings import Adapt

ALL_LINEAR = "all-linear"


def adapted(model: PreTrainedModel, settings: Adapt, *, new_tokens: bool) -> PreTrainedModel:
    """`model` with gradients where `settings` asks for them; LoRA's products begin at zero.

    Args:
        new_tokens: the vocabulary has grown: the embeddings and the output head learn whatever
            `settings` says, for the new rows are only a guess yet.

    Raises:
        Refusal: there are not so many blocks, or no module has a name that ends so.
    """
    num_blocks = len(blocks(model))
    if settings.frozen_layers > num_blocks:
        raise too_many_frozen(settings.frozen_layers, num_blocks)
    if settings.kind == "lora":
        add_products(model, settings, list(range(settings.frozen_layers, num_blocks)))
    elif settings.frozen_layers:
        freeze(model, settings.frozen_layers)
    if new_tokens:
        for module in (model.get_input_embeddings(), model.get_output_embeddings()):
            module.weight.requires_grad_(True)
    return model


def blocks(model: PreTrainedModel) -> nn.ModuleList:
    """The list of equal blocks that every family of transformers keeps beside its embeddings."""
    lists = [child for child in model.base_model.children() if isinstance(child, nn.ModuleList)]
    return max(lists, key=len)


def freeze(model: PreTrainedModel, num_blocks: int) -> None:
    """No gradient for the embeddings (and a head that is the same matrix) and the first blocks."""
    embeddings = [c for c in model.base_model.children() if isinstance(c, nn.Embedding)]
    for module in [*embeddings, *blocks(model)[:num_blocks]]:
        module.requires_grad_(False)


def add_products(model: PreTrainedModel, settings: Adapt, layers: list[int]) -> None:
    """LoRA's products beside the chosen modules of the blocks `layers`; all else is frozen."""
    from peft import LoraConfig, inject_adapter_in_model

    modules = linear_modules(model)
    endings = tuple(settings.targets)
    if settings.targets == [ALL_LINEAR]:
        endings = tuple(modules)
    chosen = [name for name in modules if name.endswith(endings) and block_of(name) in layers]
    if not chosen:
        raise no_such_modules(settings.targets, modules)
    model.requires_grad_(False)
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=chosen,
        fan_in_fan_out=isinstance(model.get_submodule(chosen[0]), Conv1D),
    )
    inject_adapter_in_model(config, model)


def linear_modules(model: PreTrainedModel) -> list[str]:
    """Names of the matrices inside the blocks, `transformer.h.0.attn.c_attn` and the like."""
    inside = set(blocks(model).modules())
    return [
        name
        for name, module in model.named_modules()
        if module in inside and isinstance(module, nn.Linear | Conv1D)
    ]


def block_of(name: str) -> int:
    """The number in the name of a module inside a block."""
    return int(next(part for part in name.split(".") if part.isdigit()))


def merged(model: PreTrainedModel) -> PreTrainedModel:
    """`model` without peft's modules, their products added to the weights; itself if it has none.

    Raises:
        ValueError: a product is not finite.
    """
    if not hasattr(model, "peft_config"):
        return model
    from peft.tuners.tuners_utils import BaseTunerLayer

    for name, module in list(model.named_modules()):
        if isinstance(module, BaseTunerLayer):
            module.merge(safe_merge=True)
            parent, _, child = name.rpartition(".")
            setattr(model.get_submodule(parent), child, module.get_base_layer())
    del model.peft_config
    return model


def too_many_frozen(wanted: int, num_blocks: int) -> Refusal:
    return bad_parameters(
        f"model.adapt.frozen_layers = {wanted}，但预训练模型只有 {num_blocks} 层",
        f"model.adapt.frozen_layers = {wanted}, but the pretrained model has {num_blocks} blocks",
    )


def no_such_modules(targets: list[str], modules: list[str]) -> Refusal:
    endings = " ".join(dict.fromkeys(name.rpartition(".")[2] for name in modules))
    return bad_parameters(
        f"没有名字以 {targets} 结尾、且不在冻结层内的模块；model.adapt.targets 可用：{endings}",
        f"no module outside the frozen blocks has a name that ends with {targets};"
        f" model.adapt.targets may name: {endings}",
    )
