"""The next token: the settings mean what they mean to transformers, and chances are kept."""

import pytest
import torch
from transformers import (
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from conftest import Settings
from xuxie.generate.choose import Chooser, uniforms

ROWS, VOCABULARY = 2000, 30
START = [3, 4, 5, 4]


def chooser(settings: Settings, drawn: torch.Tensor, *overrides: str) -> Chooser:
    plain = ("min_new_tokens=0", "max_new_tokens=2", *overrides)
    chosen = settings(*(f"generate.{override}" for override in plain)).generate
    return Chooser(chosen, [START] * len(drawn), drawn, 0, None)


@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p", "penalty"),
    [(0.7, 0, 1.0, 1.0), (1.5, 5, 1.0, 1.0), (1.0, 0, 0.6, 1.0), (0.9, 12, 0.8, 1.4)],
)
def test_tokens_are_drawn_with_the_chances_transformers_gives_them(
    settings: Settings, temperature: float, top_k: int, top_p: float, penalty: float
) -> None:
    torch.manual_seed(2)
    logits = torch.randn(1, VOCABULARY) * 2
    history = torch.tensor([START])
    processors = [RepetitionPenaltyLogitsProcessor(penalty), TemperatureLogitsWarper(temperature)]
    processors += [TopKLogitsWarper(top_k)] if top_k else []
    processors += [TopPLogitsWarper(top_p)] if top_p < 1 else []
    expected = LogitsProcessorList(processors)(history, logits.clone()).softmax(-1)[0]
    grid = ((torch.arange(ROWS, dtype=torch.float64) + 0.5) / ROWS)[:, None].expand(ROWS, 2)
    options = (f"temperature={temperature}", f"top_k={top_k}", f"top_p={top_p}")
    choosing = chooser(settings, grid, *options, f"repetition_penalty={penalty}")
    tokens = choosing.choose(logits.repeat(ROWS, 1))
    found = torch.bincount(tokens, minlength=VOCABULARY) / ROWS
    torch.testing.assert_close(found, expected, rtol=0, atol=2 / ROWS)
    assert bool((found[expected == 0] == 0).all())


def test_a_token_counts_as_seen_once_it_is_taken(settings: Settings) -> None:
    plain = ("temperature=0.0", "repetition_penalty=3.0")
    choosing = chooser(settings, torch.zeros(1, 2, dtype=torch.float64), *plain)
    logits = torch.zeros(1, VOCABULARY)
    logits[0, 3], logits[0, 9], logits[0, 11] = 2.9, 2.0, 1.0
    assert choosing.choose(logits.clone()).tolist() == [9]
    assert choosing.choose(logits.clone()).tolist() == [11]


def test_each_sample_has_numbers_of_its_own() -> None:
    keys = [(1, "春", 0), (1, "春", 1), (2, "春", 0), (1, "秋", 0)]
    drawn = torch.stack([uniforms(*key, 500) for key in keys])
    assert len(set(drawn.flatten().tolist())) > 1990
    assert float(drawn.min()) >= 0
    assert float(drawn.max()) < 1
    assert float(drawn.mean()) == pytest.approx(0.5, abs=0.03)
    assert torch.equal(uniforms(1, "春", 1, 20), drawn[1, :20])
