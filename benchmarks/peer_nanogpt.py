"""nanoGPT's own train.py, as published, or tuned by its users' usual means.

For `training.py` it trains in rounds, for `time_to_score.py` to an end, with the rates and the
schedule that its README gives for small models on a processor.

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


def options(shape: Shape, *, compiled: bool, total: int | None) -> list[str]:
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
    if total:
        chosen |= {
            "max_iters": total,
            "lr_decay_iters": total,
            "eval_interval": total,
            "always_save_checkpoint": True,
            "learning_rate": 1e-3,
            "min_lr": 1e-4,
            "beta2": 0.99,
            "warmup_iters": 100,
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


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkout", type=Path, required=True)
    parser.add_argument("--shape", required=True, choices=SHAPES)
    parser.add_argument("--tokens", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--tuned", action="store_true")
    parser.add_argument("--reduced", action="store_true")
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--steps", type=int, help="of a round, in turns with other trainings")
    length.add_argument("--total", type=int, help="steps in all; leaves out/ckpt.pt in --work")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    shape, checkout = SHAPES[given.shape], given.checkout.resolve()
    write_data(given.work / "data/tokens", given.tokens, shape.vocabulary)
    # train.py reads its options and its configurator.py from where it stands.
    (given.work / "configurator.py").write_bytes((checkout / "configurator.py").read_bytes())
    os.chdir(given.work)
    sys.path.insert(0, str(checkout))
    torch.set_num_threads(given.threads)
    if given.steps:
        watch(Rounds(given.steps))
    if given.tuned:
        tune(reduced=given.reduced)
    sys.argv = ["train.py", *options(shape, compiled=given.tuned, total=given.total)]
    runpy.run_path(str(checkout / "train.py"), run_name="__main__")


if __name__ == "__main__":
    main()
