"""nanoGPT's own train.py, for `training.py`: as published, or tuned by its users' usual means.

`--checkout` is a copy of https://github.com/karpathy/nanoGPT (measured: 3adf61e). Its train.py runs
unchanged under its own options. Tuned, it gets what it leaves off on a processor: the fused AdamW,
torch.compile, and autocast to bf16 where `--reduced` says that this pays.
"""

import argparse
import functools
import os
import pickle
import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rounds import Rounds
from shapes import SHAPES, Shape


def options(shape: Shape, *, compiled: bool) -> list[str]:
    """Of train.py. Its first evaluation cannot be turned off: it gets one batch."""
    chosen = {
        "device": "cpu",
        "dtype": "float32",
        "compile": compiled,
        "dataset": "tokens",
        "out_dir": "out",
        "eval_interval": 10**9,
        "eval_iters": 1,
        "gradient_accumulation_steps": 1,
        "batch_size": shape.batch,
        "block_size": shape.context,
        "n_layer": shape.layers,
        "n_head": shape.heads,
        "n_embd": shape.width,
    }
    return [f"--{name}={value}" for name, value in chosen.items()]


def write_data(folder: Path, tokens: Path, vocabulary: int) -> None:
    """The train split in the layout of nanoGPT's data/."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("train", "val"):
        flat = np.load(tokens / f"{part}.tokens.npy").astype(np.uint16)
        flat.tofile(folder / f"{part}.bin")
    (folder / "meta.pkl").write_bytes(pickle.dumps({"vocab_size": vocabulary}))


def watch(rounds: Rounds) -> None:
    """train.py reports on each step but the first five: that is where the rounds are counted."""
    from model import GPT  # type: ignore[import-not-found]

    def told(*_: Any) -> float:
        rounds.step(0.0)
        return 0.0

    GPT.estimate_mfu = told


def tune(*, reduced: bool) -> None:
    from model import GPT

    forward = GPT.forward

    def in_bf16(self: Any, *arguments: Any) -> Any:
        with torch.autocast("cpu", torch.bfloat16):
            return forward(self, *arguments)

    torch.optim.AdamW = functools.partial(torch.optim.AdamW, fused=True)  # type: ignore[assignment, misc]
    if reduced:
        GPT.forward = in_bf16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkout", type=Path, required=True)
    parser.add_argument("--shape", required=True, choices=SHAPES)
    parser.add_argument("--tokens", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--tuned", action="store_true")
    parser.add_argument("--reduced", action="store_true")
    given = parser.parse_args()
    rounds, shape = Rounds(given.steps), SHAPES[given.shape]
    checkout = given.checkout.resolve()
    write_data(given.work / "data/tokens", given.tokens, shape.vocabulary)
    # train.py reads its options and its configurator.py from where it stands.
    (given.work / "configurator.py").write_bytes((checkout / "configurator.py").read_bytes())
    os.chdir(given.work)
    sys.path.insert(0, str(checkout))
    torch.set_num_threads(given.threads)
    watch(rounds)
    if given.tuned:
        tune(reduced=given.reduced)
    sys.argv = ["train.py", *options(shape, compiled=given.tuned)]
    runpy.run_path(str(checkout / "train.py"), run_name="__main__")


if __name__ == "__main__":
    main()
