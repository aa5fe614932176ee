"""How many times the champion's time a token takes the challenger to generate.

A process of its own (`python -m xuxie.retrain.gate.speed`), both models in it by turns, so that a
busy machine slows both alike.
"""

import argparse
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from xuxie.generate.settings import GenerateSettings
from xuxie.store.files import write_json

if TYPE_CHECKING:
    from xuxie.generate.sample import Sampler

ROUNDS = 5


def slower(settings: GenerateSettings, champion: Path, challenger: Path) -> float:
    """The median over the rounds."""
    samplers = [sampler(settings, model) for model in (champion, challenger)]
    for warming in samplers:
        seconds_a_token(warming, settings, 0)
    times = []
    for number in range(1, ROUNDS + 1):
        one, other = (seconds_a_token(each, settings, number) for each in samplers)
        times.append(other / one)
    return median(times)


def sampler(settings: GenerateSettings, model: Path) -> "Sampler":
    from xuxie.generate.sample import Sampler
    from xuxie.model.directory import load_model, load_tokenizer

    return Sampler(load_model(model), load_tokenizer(model), settings, compiled=False)


def seconds_a_token(each: "Sampler", settings: GenerateSettings, number: int) -> float:
    began = time.perf_counter()
    made = list(each.samples([(prompt, number) for prompt in settings.prompts]))
    return (time.perf_counter() - began) / max(1, sum(sample.tokens for sample in made))


def main() -> None:
    import torch

    from xuxie.config import load

    parser = argparse.ArgumentParser()
    for name in ("champion", "challenger", "params", "out"):
        parser.add_argument(f"--{name}", type=Path)
    given = parser.parse_args()
    settings = load(given.params).generate
    torch.set_num_threads(settings.threads)
    write_json(given.out, {"slower": slower(settings, given.champion, given.challenger)})


if __name__ == "__main__":
    from xuxie.entry import exit_codes, set_environment

    set_environment()
    with exit_codes():
        main()
