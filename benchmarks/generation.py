"""New tokens per second: ours, transformers' `generate`, CTranslate2; greedy, random weights.

python benchmarks/generation.py --runs 5 --threads 1

Each takes its turn in every round. Ours is the whole `Sampler`, from prompts as text to texts with
their bits per character; the others get tokens and give tokens. Prompts of one batch differ, and
are of one length, so that nobody needs padding. Prints a Markdown table.
"""

import argparse
import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal

HERE = Path(__file__).parent
RESULTS = HERE / "results/generation.json"
BATCHES = (1, 5, 64)
Tokens = list[list[int]]
Timed = tuple[float, Tokens]
Clock = Callable[[], float]
CLOCKS: dict[str, Clock] = {"wall": time.perf_counter, "cpu": time.process_time}
Generate = Callable[[Tokens], Timed]


@dataclass(frozen=True)
class Shape:
    layers: int
    width: int
    heads: int
    vocabulary: int
    context: int = 256


SHAPES = {"S": Shape(4, 256, 4, 8000), "M": Shape(6, 384, 6, 16000)}


def made_model(shape: Shape, folder: Path) -> tuple[Any, Any]:
    """A model and a vocabulary t0, t1, ... of its size, in a directory, and as objects."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    backend = Tokenizer(models.WordLevel({f"t{n}": n for n in range(shape.vocabulary)}, "t1"))
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    signs = {"bos_token": "t0", "eos_token": "t0", "unk_token": "t1"}
    words = PreTrainedTokenizerFast(tokenizer_object=backend, **signs)
    torch.manual_seed(1)
    config = GPT2Config(
        vocab_size=shape.vocabulary,
        n_positions=shape.context,
        n_embd=shape.width,
        n_layer=shape.layers,
        n_head=shape.heads,
        activation_function="gelu_pytorch_tanh",
        bos_token_id=0,
        eos_token_id=0,
    )
    model = GPT2LMHeadModel(config).eval()
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    return model, words


def prompts(shape: Shape, batch: int, length: int) -> Tokens:
    """Each begins with the boundary, as ours adds it."""
    import torch

    drawn = torch.randint(2, shape.vocabulary, (batch, length - 1), generator=torch.Generator())
    return [[0, *row] for row in drawn.tolist()]


def ours(
    model: Any, words: Any, count: int, clock: Clock, weights: Literal["fp32", "int8"]
) -> Generate:
    from xuxie.config import load
    from xuxie.generate.sample import Sampler
    from xuxie.generate.settings import GenerateSettings

    chosen = {
        "min_new_tokens": count,
        "max_new_tokens": count,
        "temperature": 0.0,
        "top_k": 0,
        "top_p": 1.0,
        "repetition_penalty": 1.0,
        "stop": [],
        "weights": weights,
        "batch": 64,
        "threads": 1,
    }
    configured = load(HERE.parent / "params.yaml").generate
    settings = GenerateSettings(**(configured.model_dump() | chosen))
    sampler = Sampler(model, words, settings, compiled=True)

    def run(rows: Tokens) -> Timed:
        wanted = [(" ".join(f"t{token}" for token in row[1:]), 0) for row in rows]
        began = clock()
        samples = list(sampler.samples(wanted))
        seconds = clock() - began
        return seconds, [[int(word[1:]) for word in made.text.split()] for made in samples]

    return run


def transformers(model: Any, count: int, clock: Clock) -> Generate:
    import torch

    def run(rows: Tokens) -> Timed:
        began = clock()
        inputs = torch.tensor(rows)
        made = model.generate(
            inputs,
            attention_mask=torch.ones_like(inputs),
            min_new_tokens=count,
            max_new_tokens=count,
            do_sample=False,
            use_cache=True,
            pad_token_id=0,
        )
        return clock() - began, made[:, inputs.shape[1] :].tolist()

    return run


def ctranslate2(python: Path, model: Path, count: int, *options: str) -> Generate:
    """A process in the peer's environment that answers requests."""
    words = [python, HERE / "peer_ctranslate2.py", "--model", model, "--work", model.parent]
    process = subprocess.Popen(
        [*map(str, words), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    asked, answered = process.stdin, process.stdout

    def run(rows: Tokens) -> Timed:
        asked.write(json.dumps({"prompts": rows, "new_tokens": count}) + "\n")
        asked.flush()
        answer = json.loads(answered.readline())
        return answer["seconds"], answer["tokens"]

    return run


def same(one: Tokens, other: Tokens) -> float:
    """Share of the tokens that are equal."""
    pairs = [
        a == b for row, to in zip(one, other, strict=True) for a, b in zip(row, to, strict=True)
    ]
    return sum(pairs) / len(pairs)


def compared(generators: dict[str, Generate], rows: Tokens, runs: int) -> dict[str, Any]:
    """Interleaved runs of all, after one to warm up; the first of `generators` is ours."""
    first = {name: run(rows)[1] for name, run in generators.items()}
    seconds: dict[str, list[float]] = {name: [] for name in generators}
    for _ in range(runs):
        for name, run in generators.items():
            seconds[name].append(run(rows)[0])
    mine = next(iter(generators))
    count = sum(map(len, first[mine]))
    return {
        name: {
            "tokens_per_second": round(count / median(spent)),
            "seconds": [round(one, 4) for one in spent],
            "ratios": sorted(round(b / a, 2) for a, b in zip(seconds[mine], spent, strict=True)),
            "same_tokens": round(same(first[mine], first[name]), 4),
        }
        for name, spent in seconds.items()
    }


def table(result: dict[str, dict[str, Any]]) -> str:
    """Rates with, of the others, how many times faster ours is: median (lowest to highest)."""
    names = list(next(iter(result.values())))
    lines = ["| model, batch | " + " | ".join(names) + " |", "| --- |" + " ---: |" * len(names)]
    for case, measured in result.items():
        cells = [cell(name == names[0], one) for name, one in measured.items()]
        lines.append(f"| {case} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def cell(mine: bool, one: dict[str, Any]) -> str:
    rate, ratios = f"{one['tokens_per_second']:,}", one["ratios"]
    if mine:
        return rate
    same_tokens = "" if one["same_tokens"] == 1 else f", {one['same_tokens']:.0%} of tokens"
    return f"{rate}: {median(ratios):.2f} x ({ratios[0]}–{ratios[-1]}){same_tokens}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    parser.add_argument("--prompt", type=int, default=32, help="tokens of a prompt")
    parser.add_argument("--new", type=int, default=96, help="tokens added")
    parser.add_argument("--shapes", nargs="*", default=list(SHAPES))
    parser.add_argument("--batches", type=int, nargs="*", default=BATCHES)
    parser.add_argument(
        "--peers", type=Path, default=Path("/tmp/peers-gen/bin/python"), help="with CTranslate2"
    )
    parser.add_argument("--work", type=Path, default=Path("/tmp/xuxie-benchmarks/generation"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    import torch

    torch.set_num_threads(options.threads)
    clock = CLOCKS[options.clock]
    passed = ["--threads", str(options.threads), "--clock", options.clock]
    result = {}
    for name in options.shapes:
        folder = options.work / name / "model"
        model, words = made_model(SHAPES[name], folder)
        generators = {
            "ours": ours(model, words, options.new, clock, "fp32"),
            "ours int8": ours(model, words, options.new, clock, "int8"),
            "transformers": transformers(model, options.new, clock),
        } | {
            f"CTranslate2 {compute}": ctranslate2(
                options.peers, folder, options.new, "--compute", compute, *passed
            )
            for compute in ("float32", "int8")
            if options.peers.exists()
        }
        for batch in options.batches:
            rows = prompts(SHAPES[name], batch, options.prompt)
            result[f"{name}, {batch}"] = compared(generators, rows, options.runs)
            print(table(result), flush=True)
    options.results.parent.mkdir(parents=True, exist_ok=True)
    shapes = {name: asdict(SHAPES[name]) for name in options.shapes}
    written = {"threads": options.threads, "shapes": shapes, "cases": result}
    options.results.write_text(json.dumps(written, indent=1) + "\n")


if __name__ == "__main__":
    main()
