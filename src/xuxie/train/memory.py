"""How many windows fit into memory at a time: planned before, and found out after a failure."""

import torch
from transformers import PreTrainedModel

from xuxie.errors import Refusal, bad_parameters
from xuxie.train.data import WindowData
from xuxie.train.module import LanguageModel
from xuxie.train.settings import TrainSettings

# Bytes a parameter: fp32 weight, gradient and AdamW's two averages.
PER_PARAMETER = 16
# Bytes a token and layer keep for the backward pass, a multiple of the width: 34 in a block of
# 16-bit activations, 2 where only the block's input is kept (Korthikanti et al. 2022,
# arXiv 2205.05198, section 4); twice that in fp32.
KEPT, KEPT_CHECKPOINTED = 34, 2


def within_budget(settings: TrainSettings, model: PreTrainedModel, context: int) -> TrainSettings:
    """The settings with a batch, and if need be recomputed activations, that fit `memory_mib`.

    The global batch stays: what `batch` loses, `accumulate` gains.

    Raises:
        Refusal: not even one window fits.
    """
    if settings.memory_mib is None:
        return settings
    left = (settings.memory_mib << 20) - PER_PARAMETER * model.num_parameters()
    for recompute in sorted({settings.recompute, True}):
        fits = left // window_bytes(model, context, recompute=recompute)
        batch = next((b for b in halves(settings.batch) if b <= fits), None)
        if batch is not None:
            accumulate = settings.accumulate * (settings.batch // batch)
            chosen = {"batch": batch, "accumulate": accumulate, "recompute": recompute}
            return settings.model_copy(update=chosen)
    raise bad_parameters(
        f"train.memory_mib = {settings.memory_mib} 连一个窗口也放不下；请增大它，或减小模型",
        f"train.memory_mib = {settings.memory_mib} does not hold a single window; raise it,"
        " or choose a smaller model",
    )


def window_bytes(model: PreTrainedModel, context: int, *, recompute: bool) -> int:
    """An estimate of what one window keeps for the backward pass, in fp32."""
    layers, width = int(model.config.num_hidden_layers), int(model.config.hidden_size)
    kept = KEPT_CHECKPOINTED * layers + KEPT if recompute else KEPT * layers
    return 2 * context * width * kept


def halves(batch: int) -> list[int]:
    """`batch` and what is left of it after each halving without remainder."""
    found = [batch]
    while found[-1] % 2 == 0:
        found.append(found[-1] // 2)
    return found


def is_out_of_memory(error: BaseException) -> bool:
    """Of a GPU, or of the process: torch reports the latter as an ordinary error."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "allocate memory" in str(error)


def out_of_memory(module: LanguageModel, data: WindowData, settings: TrainSettings) -> Refusal:
    """What to tell: the largest batch for which a step was seen to fit.

    One of several processes cannot try, for the others take no part: half of it is told.
    """
    shared = [b for b in halves(settings.batch)[1:] if b % settings.processes == 0]
    alone = settings.processes == 1
    batch = next((b for b in shared if not alone or fits(module, data, b)), None)
    accumulate = settings.accumulate * settings.batch // (batch or 1)
    chinese = f"请设 train.batch={batch} train.accumulate={accumulate}（结果相同）"
    english = f"set train.batch={batch} train.accumulate={accumulate} (the same result)"
    if batch is None:
        chinese, english = "请减小 model.context 或模型", "lower model.context or the model's size"
    return bad_parameters(
        f"内存不足：train.batch = {settings.batch} 放不下；{chinese}",
        f"out of memory: train.batch = {settings.batch} does not fit; {english}",
    )


def fits(module: LanguageModel, data: WindowData, batch: int) -> bool:
    """Whether a forward and backward pass over so many windows ends well."""
    module.zero_grad(set_to_none=True)
    windows = data.collated(range(batch))
    try:
        loss = module.training_step({k: v.to(module.device) for k, v in windows.items()}, 0)
        torch.autograd.backward(loss)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        return False
    return True
