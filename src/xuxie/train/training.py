"""What a training consists of, worked out before its first step."""

from dataclasses import dataclass
from typing import Any

import torch
from transformers import PreTrainedModel

from xuxie.errors import Refusal, bad_data
from xuxie.model.device import best_device
from xuxie.model.directory import context_of
from xuxie.model.settings import ModelSettings
from xuxie.tokenizer.tokens import Tokens
from xuxie.train.curves import bits_per_nat
from xuxie.train.data import WindowData
from xuxie.train.module import LanguageModel
from xuxie.train.precision import Precision, choose, numerics_profile
from xuxie.train.schedule import plan
from xuxie.train.settings import TrainSettings
from xuxie.train.windows import TrainWindows, ValidationWindows


@dataclass(frozen=True)
class Training:
    """
    steps, interval: of the optimizer in all, and from one validation to the next.
    tokens_per_step: tokens a step predicts.
    bits_per_nat: turns nats a train token into bits a character.
    pretrained: whether the model has learned before; its score before the first step is told.
    profile: what the bits of the weights depend on beside code, data and configuration.
    """

    module: LanguageModel
    data: WindowData
    steps: int
    interval: int
    tokens_per_step: int
    bits_per_nat: float
    pretrained: bool
    precision: Precision
    profile: dict[str, Any]

    def facts(self) -> dict[str, Any]:
        """For the model's record and the run's parameters."""
        model = self.module.model
        return {
            "architecture": type(model).__name__,
            "parameters": sum(weight.numel() for weight in model.parameters()),
            "vocabulary": model.config.vocab_size,
            "steps": self.steps,
            "tokens": self.steps * self.tokens_per_step,
        }


def assemble(
    settings: TrainSettings,
    shape: ModelSettings,
    model: PreTrainedModel,
    *,
    train: Tokens,
    validation: Tokens,
    boundary: int,
) -> Training:
    """The windows, steps and number format of a training of `model`.

    Raises:
        Refusal: the train split holds fewer tokens than one window needs.
    """
    device = best_device()
    precision = choose(settings.precision, device, settings.processes)
    context = context_of(model, shape.context)
    windows = train_windows(train, context, settings)
    batch = settings.batch * settings.accumulate
    steps, interval = plan(
        epochs=settings.epochs,
        windows=windows.per_epoch,
        batch=batch,
        validations=settings.validations,
    )
    module = module_of(
        settings, model, validation, steps=steps, boundary=boundary, precision=precision
    )
    scored = ValidationWindows(validation, context, settings.validation_windows)
    batches = steps * settings.accumulate
    return Training(
        module=module,
        data=WindowData(windows, scored, batch=settings.batch, batches=batches),
        steps=steps,
        interval=interval,
        tokens_per_step=batch * context,
        bits_per_nat=bits_per_nat(len(train.tokens), train.characters),
        pretrained=shape.start == "pretrained",
        precision=precision,
        profile=numerics_profile(precision, settings.threads, device),
    )


def module_of(
    settings: TrainSettings,
    model: PreTrainedModel,
    validation: Tokens,
    *,
    steps: int,
    boundary: int,
    precision: Precision,
) -> LanguageModel:
    if settings.recompute:
        model.activation_checkpointing_enable()
    return LanguageModel(
        model,
        settings.optimizer,
        steps=steps,
        boundary=boundary,
        bits_per_nat=bits_per_nat(text_tokens(validation), validation.characters),
        dtype=torch.bfloat16 if precision == "bf16" else torch.float32,
    )


def train_windows(train: Tokens, context: int, settings: TrainSettings) -> TrainWindows:
    windows = TrainWindows(train, context, settings.seed, settings.balance, settings.replay)
    if windows.per_epoch < 1:
        raise too_short(len(train.tokens), context)
    return windows


def text_tokens(split: Tokens) -> int:
    """Tokens of text, without the boundary before each document."""
    return len(split.tokens) - len(split.order)


def too_short(num_tokens: int, context: int) -> Refusal:
    return bad_data(
        f"训练文本只有 {num_tokens} 个词元，至少需要 {2 * context + 1}；"
        "请增加文本或减小 model.context",
        f"the train split has {num_tokens} tokens and needs {2 * context + 1};"
        " add text or lower model.context",
    )
