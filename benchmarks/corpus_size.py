"""What training costs on 1, 10 and 100 MB of text: time of a step and of the start, memory.

    python benchmarks/corpus_size.py --megabytes 1 10 100

Random tokens in the layout of the tokenizer stage, documents of 60 tokens, 3.4 bytes of text a
token (what the default vocabulary makes of Chinese). All sizes train in turns, as in training.py.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from machine import described
from measure import tree_memory
from rounds import Worker
from shapes import SHAPES

from xuxie.entry import ENVIRONMENT
from xuxie.tokenizer.tokens import write_tokens

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results/corpus_size.json"
BYTES_PER_TOKEN, CHARACTERS_PER_TOKEN, DOCUMENT, STEPS = 3.4, 1.7, 60, 10
SHAPE = "D"


def documents(count: int, seed: int) -> Iterator[list[int]]:
    random, vocabulary = np.random.default_rng(seed), SHAPES[SHAPE].vocabulary
    for _ in range(count):
        yield random.integers(1, vocabulary, DOCUMENT - 1).tolist()


def write(folder: Path, megabytes: int) -> Path:
    """The token files of both splits: one source, every document a group of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (part, size) in enumerate((("train", megabytes), ("val", 1))):
        count = int(size * 1e6 / BYTES_PER_TOKEN / DOCUMENT)
        tokens = write_tokens(
            folder,
            part,
            documents(count, seed),
            boundary=0,
            vocabulary=SHAPES[SHAPE].vocabulary,
        )
        characters = int(tokens * CHARACTERS_PER_TOKEN)
        arrays = {
            "order": np.arange(count),
            "groups": np.arange(count + 1),
            "group_sources": np.zeros(count, dtype=np.int64),
            "group_arrivals": np.ones(count, dtype=np.int64),
            "source_characters": np.array([characters]),
            "characters": np.array(characters),
        }
        for name, array in arrays.items():
            np.save(folder / f"{part}.{name}.npy", array)
    return folder


def started(tokens: Path, work: Path, threads: int) -> Worker:
    words = [sys.executable, str(HERE / "own_training.py"), "lightning", "--shape", SHAPE]
    words += ["--tokens", str(tokens), "--work", str(work), "--steps", str(STEPS)]
    environment = os.environ | ENVIRONMENT | {"OMP_NUM_THREADS": str(threads)}
    work.mkdir(parents=True, exist_ok=True)
    with (work / "log").open("w") as log:
        return Worker([*words, f"train.threads={threads}"], environment, stderr=log)


def measured(work: Path, sizes: list[int], threads: int, turns: int) -> dict[str, dict[str, Any]]:
    workers = {
        size: started(write(work / f"tokens-{size}", size), work / f"run-{size}", threads)
        for size in sizes
    }
    rounds = [{size: worker.round() for size, worker in workers.items()} for _ in range(turns)]
    memory = {size: tree_memory(worker.process.pid) for size, worker in workers.items()}
    for worker in workers.values():
        worker.end()
    smallest = min(sizes)
    return {
        str(size): {
            "first_round": workers[size].first.processor,
            "milliseconds": median(turn[size].processor for turn in rounds) / STEPS * 1000,
            "ratio": median(turn[size].processor / turn[smallest].processor for turn in rounds),
            "memory_mib": memory[size] / 2**20,
        }
        for size in sizes
    }


def told(found: dict[str, dict[str, Any]]) -> str:
    lines = [
        f"Shape {SHAPE}; processor time; memory is that of the whole process tree (PSS).",
        "",
        f"| text, MB | start and first {STEPS} steps, s | a step, ms | of that of the smallest |"
        " memory, MiB |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]
    for size, row in found.items():
        lines.append(
            f"| {size} | {row['first_round']:.1f} | {row['milliseconds']:.0f} |"
            f" {row['ratio']:.2f} | {row['memory_mib']:,.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, nargs="*", default=[1, 10, 100])
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--work", type=Path, default=Path("/tmp/xuxie-benchmarks/corpus_size"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    found = measured(given.work.resolve(), sorted(given.megabytes), given.threads, given.turns)
    print(described(given.threads) + "\n\n" + told(found))
    given.results.parent.mkdir(parents=True, exist_ok=True)
    given.results.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
