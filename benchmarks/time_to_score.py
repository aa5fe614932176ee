"""What each training makes of the same time: Trainer and nanoGPT in ten minutes, ours in less.

    python benchmarks/time_to_score.py --trainer /tmp/peers-trainer/bin/python \\
        --nanogpt /tmp/peers-nanogpt

All train the default model (`shapes.py`, D) on the same tokens. Of each peer the rate is measured
first, so that its schedule ends as its time does; Trainer also gets rates other than its own. Ours
is the default recipe with as many epochs as fit. Time is the processor's, of all threads together,
without the start of the program; scores are bits per character of all of val.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import run
from typing import Any

import torch
from machine import described
from peer_trainer import model as stock
from rounds import Worker
from shapes import SHAPES
from transformers import PreTrainedModel

from xuxie.config import check
from xuxie.entry import ENVIRONMENT
from xuxie.evaluate.score import scored
from xuxie.evaluate.tables import figures
from xuxie.evaluate.texts import read_texts
from xuxie.model.directory import load_tokenizer
from xuxie.params.compose import compose
from xuxie.tokenizer.tokens import open_tokens
from xuxie.train.windows import TrainWindows

HERE = Path(__file__).resolve().parent
CONF = HERE.parent / "conf"
RESULTS = HERE / "results/time_to_score.json"
SHAPE = SHAPES["D"]
ROUND = 40
# Beside a first one, of warming up.
ROUNDS = 3


@dataclass(frozen=True)
class Place:
    tokens: Path
    tokenizer: Path
    splits: Path
    work: Path
    threads: int

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | ENVIRONMENT | {"OMP_NUM_THREADS": str(self.threads)}


def steps_in(seconds: float, words: list[str], place: Place) -> int:
    """Steps that a training takes in so many seconds of processor time."""
    worker = Worker([*words, "--steps", str(ROUND)], place.environment)
    took = sorted(worker.round().processor for _ in range(ROUNDS))[ROUNDS // 2]
    worker.end()
    return round(seconds / took * ROUND)


def peer(name: str, words: list[str], seconds: float, place: Place) -> dict[str, Any]:
    """Train a peer for that time; how many steps that were, and what its model scores."""
    folder = place.work / name.replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    words = [*words, "--work", str(folder), "--threads", str(place.threads)]
    total = steps_in(seconds, words, place)
    run([*words, "--total", str(total)], env=place.environment, check=True, stdout=sys.stderr)
    return {"name": name, "seconds": seconds, "steps": total, "val": score(loaded(folder), place)}


def loaded(folder: Path) -> PreTrainedModel:
    """The model a peer left: a transformers directory, or nanoGPT's checkpoint in that layout."""
    checkpoint = folder / "out/ckpt.pt"
    if not checkpoint.exists():
        return type(stock(SHAPE)).from_pretrained(folder)
    network = stock(SHAPE)
    weights = torch.load(checkpoint, weights_only=True)["model"]
    plain = {key.removeprefix("_orig_mod."): value for key, value in weights.items()}
    inside = {k: v.T if is_linear(k) else v for k, v in plain.items() if k != "lm_head.weight"}
    # nanoGPT has no biases in this configuration's norms and products: they are zero here.
    state = {key: torch.zeros_like(value) for key, value in network.state_dict().items()}
    state |= inside | {"lm_head.weight": plain["transformer.wte.weight"]}
    network.load_state_dict(state)
    return network


def is_linear(key: str) -> bool:
    """Whether nanoGPT keeps this weight with outputs first, which GPT-2 has the other way."""
    return ".h." in key and key.endswith("weight") and ".ln_" not in key


def score(network: PreTrainedModel, place: Place) -> dict[str, float]:
    settings = check(compose(CONF, [])).evaluate
    texts = read_texts(place.splits / "val.parquet")
    words = load_tokenizer(place.tokenizer)
    table = figures(scored(settings, network.eval(), words, texts), texts, settings.bootstrap)
    return {name: round(row["bits_per_character"], 4) for name, row in table.items()}


def ours(seconds: float, place: Place) -> dict[str, Any]:
    """The default recipe over as many epochs as fit into that time."""
    tokens, threads = ["--tokens", str(place.tokens)], f"train.threads={place.threads}"
    own = [sys.executable, str(HERE / "own_training.py"), "lightning", "--shape", "D", threads]
    total = steps_in(seconds, [*own, *tokens, "--work", str(place.work / "rate")], place)
    out = place.work / "ours"
    words = [sys.executable, str(HERE / "learning.py"), *tokens, "--out", str(out)]
    words += ["--tokenizer", str(place.tokenizer), "--splits", str(place.splits)]
    words += [threads, f"train.epochs={epochs(total, place):.4f}", "train.validations=1"]
    run(words, env=place.environment, check=True, stdout=sys.stderr)
    last = json.loads((out / "trials.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    return {
        "name": "ours",
        "seconds": last["processor_seconds"],
        "steps": last["tokens"] // SHAPE.tokens,
        "val": last["sources"]["val"],
    }


def epochs(steps: int, place: Place) -> float:
    settings = check(compose(CONF, [])).train
    train = open_tokens(place.tokens, "train")
    windows = TrainWindows(train, SHAPE.context, settings.seed, settings.balance, settings.replay)
    return steps * SHAPE.batch / windows.per_epoch


def trainings(given: argparse.Namespace, place: Place) -> Iterator[dict[str, Any]]:
    common = ["--shape", "D", "--tokens", str(place.tokens)]
    for part in given.parts:
        yield ours(given.seconds * part, place)
    for rate in given.rates if given.trainer else ():
        words = [str(given.trainer), str(HERE / "peer_trainer.py"), *common, "--rate", str(rate)]
        yield peer(f"Trainer at {rate}", words, given.seconds, place)
    if given.nanogpt:
        words = [sys.executable, str(HERE / "peer_nanogpt.py"), *common]
        words += ["--checkout", str(given.nanogpt.resolve())]
        yield peer("nanoGPT", words, given.seconds, place)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=Path, default=Path("data/tokens"))
    parser.add_argument("--tokenizer", type=Path, default=Path("models/tokenizer"))
    parser.add_argument("--splits", type=Path, default=Path("data/splits"))
    parser.add_argument("--seconds", type=float, default=600, help="a peer's, of the processor")
    parser.add_argument("--parts", type=float, nargs="*", default=[0.2, 1 / 3], help="ours")
    parser.add_argument("--rates", type=float, nargs="*", default=[5e-5, 1e-3], help="Trainer's")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--trainer", type=Path, help="a python with transformers and accelerate")
    parser.add_argument("--nanogpt", type=Path, help="a checkout of karpathy/nanoGPT")
    parser.add_argument("--work", type=Path, default=Path("/tmp/xuxie-benchmarks/time-to-score"))
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    place = Place(
        given.tokens.resolve(),
        given.tokenizer.resolve(),
        given.splits.resolve(),
        given.work,
        given.threads,
    )
    print(described(given.threads) + "\n\n| training | seconds | steps | val |\n| --- |", end="")
    print(" ---: | ---: | --- |", flush=True)
    made = []
    for row in trainings(given, place):
        made.append(row)
        print(f"| {row['name']} | {row['seconds']:.0f} | {row['steps']:,} | {row['val']} |")
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    main()
