"""`xuxie generate`: continuations that appear in the terminal as they are made."""

from pathlib import Path

import torch

from xuxie.generate.growing import OneAfterAnother
from xuxie.generate.sample import Sampler
from xuxie.generate.settings import GenerateSettings
from xuxie.model.directory import load_model, load_tokenizer


def stream(settings: GenerateSettings, model: Path) -> None:
    """Every sample of every prompt, one after another."""
    torch.set_num_threads(settings.threads)
    sampler = Sampler(load_model(model), load_tokenizer(model), settings, compiled=True)
    wanted = [(prompt, number) for prompt in settings.prompts for number in range(settings.samples)]
    show = OneAfterAnother(
        [prompt for prompt, _ in wanted], lambda piece: print(piece, end="", flush=True)
    )
    for _ in sampler.samples(wanted, show):
        pass
