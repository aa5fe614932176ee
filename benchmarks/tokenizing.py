"""Tokenizing: our `encode` beside the tokenizers library alone, and cost and memory against size.

    python benchmarks/tokenizing.py --tokenizer models/tokenizer --megabytes 1 10 100

The library alone is its Rust `encode_batch` on the same texts, whose result stays what it is: a
list of its own objects. Ours gives the numbers. In turns; medians. The text is generated.
"""

import argparse
import gc
import json
import os
import resource
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from cleaning import shards
from machine import described
from transformers import PreTrainedTokenizerBase

from xuxie.model.directory import load_tokenizer
from xuxie.tokenizer.encode import boundary, encode
from xuxie.tokenizer.stage import BATCH
from xuxie.tokenizer.tokens import write_tokens

RESULTS = Path(__file__).resolve().parent / "results/tokenizing.json"


def texts(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.open(encoding="utf-8"):
            yield json.loads(line)["text"]


def batches(source: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(source, BATCH)):
        yield batch


def seconds(work: Callable[[], Any]) -> float:
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def beside_the_library(
    tokenizer: PreTrainedTokenizerBase, folder: Path, turns: int
) -> dict[str, float]:
    given = list(batches(texts(folder)))
    megabytes = sum(len(text.encode()) for batch in given for text in batch) / 1e6
    library = tokenizer.backend_tokenizer
    library.encode_special_tokens = True
    ours, alone = [], []
    for _ in range(turns):
        ours.append(seconds(lambda: [encode(tokenizer, batch) for batch in given]))
        alone.append(
            seconds(lambda: [library.encode_batch(b, add_special_tokens=False) for b in given])
        )
    return {
        "ours": megabytes / median(ours),
        "library": megabytes / median(alone),
        "ratio": median(b / a for a, b in zip(ours, alone, strict=True)),
    }


def written(tokenizer: PreTrainedTokenizerBase, folder: Path, work: Path) -> dict[str, float]:
    """Text to token files, as the stage does; memory is the largest of this process so far."""
    work.mkdir(parents=True, exist_ok=True)
    documents = (row for batch in batches(texts(folder)) for row in encode(tokenizer, batch))
    began = time.perf_counter()
    tokens = write_tokens(
        work, "train", documents, boundary=boundary(tokenizer), vocabulary=len(tokenizer)
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": time.perf_counter() - began, "tokens": tokens, "peak_mib": peak}


def told(found: dict[str, Any]) -> str:
    speed = found["speed"]
    lines = [
        "| tokenizing | MB/s |",
        "| --- | ---: |",
        f"| ours, numbers out | {speed['ours']:.2f} |",
        f"| tokenizers alone, its objects out | {speed['library']:.2f} |",
        "",
        f"Ours runs at {speed['ratio']:.2f} of the library's rate.",
        "",
        "| text, MB | tokens | seconds | seconds a MB | peak memory, MiB |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]
    for size, row in found["sizes"].items():
        lines.append(
            f"| {size} | {row['tokens']:,} | {row['seconds']:.1f} |"
            f" {row['seconds'] / int(size):.3f} | {row['peak_mib']:,.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokenizer", type=Path, default=Path("models/tokenizer"))
    parser.add_argument("--megabytes", type=int, nargs="*", default=[1, 10, 100])
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--work", type=Path, default=Path("/tmp/xuxie-benchmarks"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    tokenizer = load_tokenizer(given.tokenizer)
    sizes = {
        str(size): written(tokenizer, shards(given.work / "text", size), given.work / "tokens")
        for size in sorted(given.megabytes)
    }
    small = shards(given.work / "text", min(given.megabytes))
    found = {
        "speed": beside_the_library(tokenizer, small, given.turns),
        "sizes": sizes,
    }
    print(described(os.cpu_count() or 1) + "\n\n" + told(found))
    given.results.parent.mkdir(parents=True, exist_ok=True)
    given.results.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
