"""Accuracy on minimal pairs: a planted contrast is found, damage shows, length is controlled."""

import contextlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from transformers import GPT2Config, PreTrainedModel, PreTrainedTokenizerBase
from transformers.modeling_outputs import CausalLMOutput

from conftest import Outputs
from xuxie import cli
from xuxie.evaluate.minimal_pairs.compare import Margins, compared, figures, margins, wilson
from xuxie.evaluate.minimal_pairs.pairs import Pair, read_pairs
from xuxie.evaluate.minimal_pairs.section import GUESSING, KNOWN, UNSURE, WRONG, pair_lines
from xuxie.model.directory import load_model
from xuxie.tokenizer.encode import boundary, encode


class Bigrams(PreTrainedModel):
    """Knows the counts of pairs of tokens, and nothing else; all alike where it has seen none."""

    config_class = GPT2Config

    def __init__(self, size: int, documents: list[list[int]]) -> None:
        super().__init__(GPT2Config(vocab_size=size))
        self.table = nn.Parameter(torch.zeros(size, size))
        for document in documents:
            for one, other in pairwise(document):
                self.table.data[one, other] = 9.0

    def forward(self, inputs: Tensor, **_: Any) -> CausalLMOutput:
        return CausalLMOutput(logits=self.table[inputs])


@pytest.fixture(scope="module")
def pairs(root: Path) -> list[Pair]:
    return read_pairs(root / "data/minimal_pairs.tsv")


Judged = Callable[[PreTrainedModel], dict[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def judged(outputs: Outputs, words: PreTrainedTokenizerBase, pairs: list[Pair]) -> Judged:
    """The figures of a model on the whole list."""
    return lambda model: compared(outputs.config.evaluate, model, words, pairs)


def bigrams(words: PreTrainedTokenizerBase, sentences: list[str]) -> Bigrams:
    end = boundary(words)
    documents = encode(words, sentences) if sentences else []
    return Bigrams(len(words), [[end, *tokens] for tokens in documents])


def test_a_model_that_knows_one_contrast_is_right_there(
    judged: Judged, words: PreTrainedTokenizerBase, pairs: list[Pair]
) -> None:
    taught = [pair.good for pair in pairs if pair.phenomenon == "two_liang"]
    found = judged(bigrams(words, taught))
    assert found["two_liang"]["accuracy"] == 1
    assert found["two_liang"]["margin_bits"] > 5
    others = [row["accuracy"] for key, row in found.items() if key not in ("all", "two_liang")]
    assert abs(np.mean(others) - GUESSING) < 0.15
    contrary = [pair.bad for pair in pairs if pair.phenomenon == "two_liang"]
    assert judged(bigrams(words, contrary))["two_liang"]["accuracy"] < 0.25


def test_a_model_to_which_all_tokens_are_alike_only_counts_them(
    judged: Judged, words: PreTrainedTokenizerBase
) -> None:
    for row in judged(bigrams(words, [])).values():
        assert row["accuracy"] == row["accuracy_token_count"]
        assert row["accuracy_per_token"] == GUESSING
        assert row.get("accuracy_same_tokens", GUESSING) == GUESSING


def test_shuffled_weights_guess(outputs: Outputs, judged: Judged) -> None:
    damaged = load_model(outputs.model)
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for weights in damaged.parameters():
            order = torch.randperm(weights.numel(), generator=generator)
            weights.copy_(weights.flatten()[order].view_as(weights))
    row = judged(damaged)["all"]
    assert row["pairs_same_tokens"] > 400
    assert abs(row["accuracy_same_tokens"] - GUESSING) < 0.1
    assert row["accuracy_low"] < row["accuracy_token_count"] < row["accuracy_high"]


def test_a_pair_gains_what_its_sentences_cost(
    model: PreTrainedModel, words: PreTrainedTokenizerBase, pairs: list[Pair]
) -> None:
    some = pairs[:3]
    found = margins(model, words, some, batch=2)
    for place, pair in enumerate(some):
        good, bad = (alone(model, words, text) for text in (pair.good, pair.bad))
        assert found.sentence[place] == pytest.approx(bad[0] - good[0], abs=1e-4)
        assert found.token[place] == pytest.approx(bad[0] / bad[1] - good[0] / good[1], abs=1e-4)
        assert found.count[place] == bad[1] - good[1]


@torch.inference_mode()
def alone(model: PreTrainedModel, words: PreTrainedTokenizerBase, text: str) -> tuple[float, int]:
    """Nats and tokens of a sentence, as stock transformers gives them."""
    (tokens,) = encode(words, [text])
    inputs = torch.tensor([[boundary(words), *tokens]])
    return float(model(inputs, labels=inputs).loss) * len(tokens), len(tokens)


def test_length_is_taken_out_where_it_differs(
    outputs: Outputs, words: PreTrainedTokenizerBase
) -> None:
    long, short = "他昨天下午在图书馆里看了很久的书。", "书他。"
    (good,), (bad,) = (encode(words, [text]) for text in (long, short))
    uniform = bigrams(words, [])
    row = compared(outputs.config.evaluate, uniform, words, [Pair("p", long, short)])["p"]
    assert len(good) > len(bad) and row["accuracy"] == 0
    assert row["accuracy_per_token"] == GUESSING
    denser = len(good) / len(long) < len(bad) / len(short)
    assert row["accuracy_per_character"] == float(denser)


def row_of(outputs: Outputs, sentence: list[float], names: list[str]) -> dict[str, dict[str, Any]]:
    values = np.array(sentence)
    found = Margins(values, values / 9, values / 6, np.zeros(len(values)))
    return figures(found, [Pair(name, "好", "坏") for name in names], outputs.config.evaluate)


def test_a_tie_counts_half(outputs: Outputs) -> None:
    table = row_of(outputs, [2.0, 0.0, 1e-6, -1.0, 1.0, -3.0], ["a"] * 4 + ["b"] * 2)
    assert table["a"]["accuracy"] == 0.5
    assert table["a"]["margin_bits"] == pytest.approx(0.25 / math.log(2), abs=1e-5)
    assert table["all"]["pairs"] == 6


def test_the_interval_of_all_resamples_phenomena(outputs: Outputs) -> None:
    names = [f"p{number}" for number in range(8) for _ in range(50)]
    alike = row_of(outputs, [1.0 if int(name[1:]) % 2 else -1.0 for name in names], names)["all"]
    mixed = row_of(outputs, [1.0, -1.0] * 200, names)["all"]
    assert alike["accuracy"] == mixed["accuracy"] == 0.5
    assert alike["accuracy_high"] - alike["accuracy_low"] > 0.4
    assert mixed["accuracy_high"] - mixed["accuracy_low"] == pytest.approx(0)


def test_one_phenomenon_alone_has_an_interval(outputs: Outputs) -> None:
    row = row_of(outputs, [1.0, -1.0] * 50, ["a"] * 100)["all"]
    assert row["accuracy_low"] < 0.45 and row["accuracy_high"] > 0.55


def test_a_phenomenon_called_all_does_not_hide_the_sum(outputs: Outputs) -> None:
    table = row_of(outputs, [1.0, -1.0], ["all", "b"])
    assert table["all"]["pairs"] == 2
    assert table["phenomenon all"]["accuracy"] == 1


def test_wilson_intervals_are_those_of_the_literature() -> None:
    # Brown, Cai and DasGupta (2001), and R's prop.test(x, n, correct = FALSE).
    assert wilson(0.0, 10, 0.95) == pytest.approx((0.0, 0.2775328), abs=1e-6)
    assert wilson(0.5, 100, 0.95) == pytest.approx((0.4038315, 0.5961685), abs=1e-6)
    assert wilson(1.0, 10, 0.95) == pytest.approx((0.7224672, 1.0), abs=1e-6)


@dataclass(frozen=True)
class Case:
    low: float
    high: float
    counted: float
    colour: str


@pytest.mark.parametrize(
    "case",
    [
        Case(0.55, 0.8, 0.5, KNOWN),
        Case(0.55, 0.8, 0.6, UNSURE),
        Case(0.4, 0.6, 0.3, UNSURE),
        Case(0.1, 0.45, 0.3, WRONG),
    ],
)
def test_colours_say_what_is_known(case: Case) -> None:
    figures = {
        "accuracy_low": case.low,
        "accuracy_high": case.high,
        "accuracy_token_count": case.counted,
    }
    (line,) = pair_lines({"classifier": figures})
    assert (line.chinese, line.english, line.colour) == ("量词", "classifiers", case.colour)


def test_the_command_scores_a_folder_of_others(
    root: Path, outputs: Outputs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"phenomenon": "theirs", "sentence_good": "房间很大。", "sentence_bad": "很房间大。"}\n',
        encoding="utf-8",
    )
    arguments = cli.parser().parse_args(["pairs", str(tmp_path), "--model", str(outputs.model)])
    with contextlib.chdir(root):
        assert arguments.verb(arguments) == 0
    printed = capsys.readouterr().out
    assert "theirs" in printed and "全部" in printed
