"""Training steps of ours beside transformers' Trainer, nanoGPT, and our own bare loop.

    python benchmarks/training.py --tokens data/tokens --trainer /tmp/peers-trainer/bin/python \
        --nanogpt /tmp/nanoGPT

All train at once on the same machine, in turns: a round of steps each, again and again, so that
what else runs there meets all of them. Figures are medians of rounds, ratios medians of the ratios
within a turn. `--threads` counts for all. Prints Markdown, writes benchmarks/results/training.json.
"""

import argparse
import json
import os
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch
from machine import described
from rounds import Round, Worker
from shapes import SHAPES, Shape

from xuxie.entry import ENVIRONMENT
from xuxie.train.precision import choose

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results/training.json"
# By what `--only` calls them.
NAMES = {
    "muon": "ours (Lightning, Muon)",
    "adamw": "ours (Lightning, AdamW)",
    "bare": "ours, bare loop (Muon)",
    "trainer": "Trainer, run_clm",
    "published": "nanoGPT, as published",
    "tuned": "nanoGPT, tuned",
}
OURS = "muon"
# Steps of a round: about two seconds of one core, so that a turn of all of them is soon over.
STEPS = {"D": 10, "S": 2, "M": 1, "L": 1}
# Trainings beside ours that are in memory together: of L each takes 5 GB.
TOGETHER = {"D": 5, "S": 5, "M": 5, "L": 2}


@dataclass(frozen=True)
class Options:
    tokens: Path
    work: Path
    threads: int
    trainer: Path | None
    nanogpt: Path | None
    only: list[str]


def contenders(name: str, options: Options, *, reduced: bool) -> dict[str, list[str]]:
    """The command line of each training of the shape `name`."""
    common = ["--shape", name, "--tokens", str(options.tokens), "--steps", str(STEPS[name])]
    own = [sys.executable, str(HERE / "own_training.py")]
    threads = [f"train.threads={options.threads}"]
    found = {
        OURS: [*own, "lightning", *common, *threads],
        "adamw": [*own, "lightning", *common, *threads, "train.optimizer.kind=adamw"],
        "bare": [*own, "bare", *common, *threads],
    }
    common += ["--threads", str(options.threads)]
    if options.trainer:
        found["trainer"] = [str(options.trainer), str(HERE / "peer_trainer.py"), *common]
    if options.nanogpt:
        peer = [sys.executable, str(HERE / "peer_nanogpt.py"), *common]
        found["published"] = [*peer, "--checkout", str(options.nanogpt)]
        found["tuned"] = [*found["published"], "--tuned", *(["--reduced"] if reduced else [])]
    return {who: words for who, words in found.items() if who in {OURS, *options.only}}


def started(words: list[str], options: Options, number: int) -> Worker:
    """One of them, past its first round, in an empty folder: nothing of an earlier one is left."""
    environment = os.environ | ENVIRONMENT | {"OMP_NUM_THREADS": str(options.threads)}
    folder = options.work / str(number)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with (options.work / f"{number}.log").open("w") as log:
        return Worker([*words, "--work", str(folder)], environment, stderr=log)


def matrix_rate(dtype: torch.dtype, size: int = 1024) -> float:
    """GFLOP/s of a matrix product of this size, per second of processor time of all cores."""
    a = torch.ones(size, size, dtype=dtype)
    began = time.process_time()
    a @ a
    return 2 * size**3 / (time.process_time() - began) / 1e9


def taken_in_turns(
    workers: dict[str, Worker], turns: int, dtype: torch.dtype
) -> tuple[dict[str, list[Round]], list[float]]:
    rounds: dict[str, list[Round]] = {name: [] for name in workers}
    rates = []
    for turn in range(turns):
        # Each turn begins with another one: the first may find the caches as the last left them.
        order = list(workers)
        for name in order[turn % len(order) :] + order[: turn % len(order)]:
            rounds[name].append(workers[name].round())
        rates.append(matrix_rate(dtype))
    return rounds, rates


def summary(name: str, rounds: dict[str, list[Round]], rates: list[float]) -> dict[str, Any]:
    shape, made = SHAPES[name], {}
    tokens = shape.tokens * STEPS[name]
    rate = median(rates)
    for who, own in rounds.items():
        seconds, processor = (
            sorted(getattr(r, kind) / tokens for r in own) for kind in ("seconds", "processor")
        )
        made[who] = {
            "tokens_per_second": 1 / median(seconds),
            "slowest_and_fastest": [1 / seconds[-1], 1 / seconds[0]],
            "tokens_per_processor_second": 1 / median(processor),
            "share_of_matrix_rate": shape.flops / median(processor) / 1e9 / rate,
            "times_as_fast": ratios(rounds[OURS], own),
        }
    return {"shape": asdict(shape), "gflops": rate, "trainings": made}


def ratios(ours: list[Round], theirs: list[Round]) -> dict[str, float]:
    """How many times their time ours takes, turn by turn, by the clock and in processor time."""
    pairs = list(zip(ours, theirs, strict=True))
    return {
        kind: median(getattr(b, kind) / getattr(a, kind) for a, b in pairs)
        for kind in ("seconds", "processor")
    }


def table(name: str, found: dict[str, Any]) -> str:
    shape = Shape(**found["shape"])
    lines = [
        f"### {name}: {shape.layers} x {shape.width}, context {shape.context}, vocabulary"
        f" {shape.vocabulary:,}, batch {shape.batch} (matrix products: {found['gflops']:.0f}"
        " GFLOP/s a core)",
        "",
        "| training | tokens/s | slowest–fastest | tokens per second of processor |"
        " share of the matrix rate | ours is x times as fast: clock | processor |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for who, row in found["trainings"].items():
        low, high = row["slowest_and_fastest"]
        ratio = row["times_as_fast"]
        lines.append(
            f"| {NAMES[who]} | {row['tokens_per_second']:,.0f} | {low:,.0f}–{high:,.0f} |"
            f" {row['tokens_per_processor_second']:,.0f} | {row['share_of_matrix_rate']:.0%} |"
            f" {ratio['seconds']:.2f} | {ratio['processor']:.2f} |"
        )
    return "\n".join([*lines, ""])


def compared(name: str, options: Options, turns: int) -> dict[str, Any]:
    reduced = choose("auto", torch.device("cpu"), 1) == "bf16"
    print(f"{name}: bf16 {'pays' if reduced else 'does not pay'} here", file=sys.stderr)
    words = contenders(name, options, reduced=reduced)
    others = [who for who in words if who != OURS]
    size = TOGETHER[name]
    found: dict[str, Any] = {}
    for first in range(0, max(len(others), 1), size):
        group = {who: words[who] for who in (OURS, *others[first : first + size])}
        one = measured(name, group, options, turns, torch.bfloat16 if reduced else torch.float32)
        found = found or one
        found["trainings"] = one["trainings"] | found["trainings"]
    order = {who: found["trainings"][who] for who in words}
    return found | {"trainings": order}


def measured(
    name: str, group: dict[str, list[str]], options: Options, turns: int, dtype: torch.dtype
) -> dict[str, Any]:
    workers: dict[str, Worker] = {}
    try:
        for who, words in group.items():
            workers[who] = started(words, options, len(workers))
            print(f"  {who}: first round {workers[who].first.seconds:.0f} s", file=sys.stderr)
        rounds, rates = taken_in_turns(workers, turns, dtype)
    finally:
        for worker in workers.values():
            worker.end()
    return summary(name, rounds, rates)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=Path, default=Path("data/tokens"))
    parser.add_argument("--shapes", nargs="*", default=list(SHAPES), choices=SHAPES)
    parser.add_argument("--only", nargs="*", default=list(NAMES), choices=NAMES, help="beside ours")
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--trainer", type=Path, help="a python with transformers and accelerate")
    parser.add_argument("--nanogpt", type=Path, help="a checkout of karpathy/nanoGPT")
    parser.add_argument("--work", type=Path, default=Path("/tmp/xuxie-benchmarks/training"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    tokens, nanogpt = given.tokens.resolve(), given.nanogpt and given.nanogpt.resolve()
    options = Options(tokens, given.work, given.threads, given.trainer, nanogpt, given.only)
    print(described(given.threads) + "\n")
    made = {}
    for name in given.shapes:
        made[name] = compared(name, options, given.turns)
        print(table(name, made[name]), flush=True)
    given.results.parent.mkdir(parents=True, exist_ok=True)
    given.results.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    main()
