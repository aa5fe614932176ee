"""Does the gate let the better challengers through, and only them? Sixty whose truth is known.

Each of 20 champions meets a better challenger (trained on more data), an equal one (the same data,
another seed) and a worse one (damaged text, too little training, or one source forgotten). The
judgement is that of `xuxie retrain`, with the configured gate, on scores, minimal pairs and
samples made by the code of the stages. Half of the test groups count as new text.

    python benchmarks/gate_quality.py --splits data/splits --work /tmp/gate

What was trained lies in --work: a run that was stopped goes on.
"""

import argparse
import json
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import torch
from machine import described
from planted import CONF, Bench, noise_of, some_texts
from tqdm import tqdm

from xuxie.compare.noise import Noise
from xuxie.config import check
from xuxie.evaluate.minimal_pairs.compare import compared
from xuxie.evaluate.minimal_pairs.pairs import read_pairs
from xuxie.evaluate.texts import Texts
from xuxie.generate.stage import sampled, summary
from xuxie.model.directory import load_model, load_tokenizer
from xuxie.params.compose import compose
from xuxie.retrain.candidate import Candidate
from xuxie.retrain.judge import Judgement, judge
from xuxie.store.directories import whole_directory

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks/results/gate_quality.json"
EACH, SEEDS = 20, 5
# Of the train split's groups, the champion's; a challenger with more data has so much more.
HALF = 0.5
MORE = (0.25, 0.5, 1.0)
# How a challenger is worse: text of which so many characters were exchanged, a share of the
# training, or nothing but one source.
WORSE = ("damaged-0.3", "damaged-0.1", "short-0.5", "short-0.75", "forgets-reviews")
KINDS = {"better": "promote", "equal": "hold", "worse": "reject"}


def data(name: str, train: pa.Table) -> pa.Table:
    """The training text of that name, out of the whole train split."""
    what, _, amount = name.partition("-")
    share = HALF * (1 + float(amount)) if what == "more" else HALF
    chosen = train.filter(pa.array(places(train["group"].to_pylist()) < share))
    if what == "damaged":
        texts = [exchanged(text, float(amount)) for text in chosen["text"].to_pylist()]
        return chosen.set_column(chosen.column_names.index("text"), "text", pa.array(texts))
    if what == "forgets":
        return chosen.filter(pc.not_equal(chosen["source"], amount))
    return chosen


def places(groups: list[str]) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """A number between 0 and 1 for each group's name."""
    return np.array([random.Random(group).random() for group in groups])


def exchanged(text: str, share: float) -> str:
    """So many of its characters change places with one another."""
    chance, signs = random.Random(text), list(text)
    struck = [n for n in range(len(signs)) if chance.random() < share]
    for place, other in zip(struck, chance.sample(struck, len(struck)), strict=True):
        signs[place] = text[other]
    return "".join(signs)


def bench(given: argparse.Namespace, name: str, texts: Texts) -> Bench:
    """A tokenizer and tokens of its own, as a training from scratch has."""
    work = (given.work / name).resolve()
    made = Bench(work, work / "splits", given.epochs, texts)
    if not (work / "splits/COMPLETE").exists():
        work.mkdir(parents=True, exist_ok=True)
        with whole_directory(work / "splits") as folder:
            shutil.copytree(given.splits, folder, dirs_exist_ok=True, ignore=seals)
            train = pq.read_table(given.splits / "train.parquet")
            pq.write_table(data(name, train), folder / "train.parquet")
    made.tokenize()
    return made


def seals(_: str, names: list[str]) -> list[str]:
    return [name for name in names if name in ("COMPLETE", "MANIFEST.json", "manifest.json")]


def candidate(made: Bench, seed: int, share: float = 1.0) -> Candidate:
    """A training with all that the gate looks at."""
    table = as_new(made.trained(seed, share))
    model = made.train(seed, share)
    kept = made.work / f"told/{seed}-{share}.json"
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(json.dumps(told(made, model), ensure_ascii=False))
    found = json.loads(kept.read_text())
    return Candidate(
        name=f"{made.work.name} {seed}",
        model=model,
        fingerprint="",
        scores=table,
        evaluated={"minimal_pairs": {"all": found["pairs"]}},
        generated=found["summary"],
        samples=found["samples"],
        parameters=found["parameters"],
        lineage={},
    )


def as_new(table: pa.Table) -> pa.Table:
    """Half of the groups are of text that came later."""
    old = pa.array(places([f"new {group}" for group in table["group"].to_pylist()]) < HALF)
    return table.set_column(table.column_names.index("frozen"), "frozen", old)


def told(made: Bench, model: Path) -> dict[str, Any]:
    settings, network = made.settings(1), load_model(model)
    contrasts = compared(
        settings.evaluate,
        network,
        load_tokenizer(model),
        read_pairs(ROOT / "data/minimal_pairs.tsv"),
    )
    samples = sampled(settings.generate, model)
    return {
        "pairs": contrasts["all"],
        "summary": summary(samples),
        "samples": [asdict(sample) for sample in samples],
        "parameters": sum(weight.numel() for weight in network.parameters()),
    }


def challenger(given: argparse.Namespace, texts: Texts, kind: str, number: int) -> Candidate:
    seed = {"better": 1000, "equal": 2000, "worse": 3000}[kind] + number
    if kind == "better":
        return candidate(bench(given, f"more-{MORE[number % len(MORE)]}", texts), seed)
    if kind == "equal":
        return candidate(bench(given, "half", texts), seed)
    how = WORSE[number % len(WORSE)]
    if how.startswith("short"):
        return candidate(bench(given, "half", texts), seed, float(how.partition("-")[2]))
    return candidate(bench(given, how, texts), seed)


def cases(given: argparse.Namespace, texts: Texts, noise: Noise | None) -> Iterator[dict[str, Any]]:
    settings = check(compose(CONF, []))
    for number in tqdm(range(given.each), desc="冠军 champions", unit=""):
        ruling = candidate(bench(given, "half", texts), number)
        for kind in KINDS:
            found = judge(
                ruling,
                challenger(given, texts, kind, number),
                settings.retrain.gate,
                settings.evaluate.bootstrap,
                noise=noise,
            )
            yield {"kind": kind, "number": number} | plain(found)


def plain(found: Judgement) -> dict[str, Any]:
    overall = found.differences[0]
    return {
        "outcome": found.outcome.value,
        "delta": overall.delta,
        "margin": overall.margin(),
        "codes": [reason.code for reason in found.reasons],
    }


def shown(rows: list[dict[str, Any]]) -> None:
    print("| challengers | promoted | held | rejected | median difference | reasons |")
    print("| --- | ---: | ---: | ---: | ---: | --- |")
    for kind in KINDS:
        own = [row for row in rows if row["kind"] == kind]
        counts = Counter(row["outcome"] for row in own)
        codes = Counter(code for row in own for code in row["codes"])
        figures = " | ".join(str(counts[name]) for name in ("promote", "hold", "reject"))
        often = ", ".join(f"{code} {count}" for code, count in codes.most_common(4))
        delta = median(row["delta"] for row in own)
        print(f"| {kind} ({len(own)}) | {figures} | {delta:+.3f} | {often} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--epochs", type=float, default=0.1)
    parser.add_argument("--each", type=int, default=EACH)
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    torch.set_num_threads(1)
    texts = some_texts(given.splits / "test.parquet")
    half = bench(given, "half", texts)
    noise = noise_of([as_new(half.trained(101 + number)) for number in range(SEEDS)])
    print(described(threads=1))
    results = {}
    for name, used in (("measured seed noise", noise), ("configured seed noise", None)):
        rows = list(cases(given, texts, used))
        print(f"\n{name}: {noise.sd if used else 'retrain.gate.seed_noise'}")
        shown(rows)
        results[name] = rows
    given.results.parent.mkdir(parents=True, exist_ok=True)
    given.results.write_text(json.dumps({"noise": noise.sd, "cases": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
