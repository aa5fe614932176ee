"""How far scores move when nothing but the seed changes: what a difference must exceed to count.

Short trainings of the configured model on the pipeline's tokens, each scored as `evaluate` scores.
Each is a process in a folder of its own, with its own params.yaml: the workspace stays as it is. A
training that was stopped goes on where it was, one that was scored is not run again.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from xuxie.config import Config, check
from xuxie.errors import Refusal, bad_data, bad_parameters
from xuxie.store.files import write_json, write_text
from xuxie.store.journal import entries
from xuxie.store.manifest import fingerprint_of
from xuxie.train.identity import identity

INPUTS = ("data/tokens", "data/splits", "models/tokenizer", "models/pretrained")
WORK = Path("runs/noise")
METRICS = Path("metrics/noise.json")
PACKAGE = Path(__file__).resolve().parents[1]
CODE = [PACKAGE / room for room in ("train", "model", "tokenizer", "evaluate")]
# The baselines do not depend on the seed, and nobody looks at these reports.
CHEAP = {"baseline_characters": 1000, "ngram_order": 2, "position_windows": 0}


@dataclass(frozen=True)
class Plan:
    """`count` trainings from the configured seed on, each over `share` of the epochs."""

    config: Config
    root: Path
    count: int
    share: float

    def seeds(self) -> range:
        return range(self.config.train.seed, self.config.train.seed + self.count)

    def epochs(self) -> float:
        return self.config.train.epochs * self.share

    def settings(self, seed: int) -> Config:
        """The pipeline's own, but for the seed, the length, and what no seed changes."""
        values = self.config.model_dump()
        values["train"] |= {"seed": seed, "epochs": self.epochs()}
        values["evaluate"] |= CHEAP
        values["track"]["enabled"] = False
        return check(values)

    def folder(self, seed: int) -> Path:
        """Named by all that decides the scores, so that other settings begin anew."""
        sealed = {name: fingerprint_of(self.root / name) for name in INPUTS}
        facts = {
            room: getattr(self.settings(seed), room) for room in ("model", "train", "evaluate")
        }
        return self.root / WORK / identity(facts | sealed, CODE) / f"seed-{seed}"


def check_plan(count: int, share: float) -> None:
    """
    Raises:
        Refusal: there would be nothing to compare, or nothing to train.
    """
    if count < 2 or not 0 < share <= 1:
        raise bad_parameters(
            f"--seeds {count} --share {share}：--seeds 至少为 2，--share 大于 0、不超过 1",
            f"--seeds {count} --share {share}: --seeds must be at least 2,"
            " --share above 0 and at most 1",
        )


def show(plan: Plan) -> int:
    """Measure and print; the exit code of a stage that failed, which has said what is wrong."""
    try:
        print(table(measure(plan)))
    except subprocess.CalledProcessError as failed:
        return failed.returncode
    return 0


def measure(plan: Plan) -> dict[str, Any]:
    """Run what has not been run yet; write and return the figures.

    Raises:
        Refusal: the pipeline has not come as far as its tokens.
        subprocess.CalledProcessError: a training failed, and has said why.
    """
    missing = [name for name in INPUTS if not (plan.root / name / "COMPLETE").is_file()]
    if missing:
        raise nothing_to_train_on(missing[0])
    folders = {seed: plan.folder(seed) for seed in plan.seeds()}
    left = [seed for seed, folder in folders.items() if not (folder / "evaluate.json").is_file()]
    print(cost(plan, len(left)), flush=True)
    for number, seed in enumerate(left, 1):
        print(f"种子 seed {seed}（{number}/{len(left)}）", flush=True)
        train_and_score(plan, seed, folders[seed])
    scores = [json.loads((folder / "evaluate.json").read_text()) for folder in folders.values()]
    result = {"seeds": [*plan.seeds()], "epochs": plan.epochs()} | spread(scores)
    write_json(plan.root / METRICS, result)
    return result


def train_and_score(plan: Plan, seed: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    settings = plan.settings(seed).model_dump()
    write_text(folder / "params.yaml", yaml.safe_dump(settings, allow_unicode=True))
    inputs = {name: str((plan.root / name).resolve()) for name in INPUTS}
    run_stage(
        "train",
        folder,
        tokens=inputs["data/tokens"],
        tokenizer=inputs["models/tokenizer"],
        pretrained=inputs["models/pretrained"],
        out="model",
        metrics="train.json",
        curves="loss.csv",
    )
    run_stage(
        "evaluate",
        folder,
        model="model",
        splits=inputs["data/splits"],
        pairs=str((plan.root / "data/minimal_pairs.tsv").resolve()),
        curves="loss.csv",
        scores="scores",
        plots="plots",
        report="evaluate.html",
        metrics="scored.json",
    )
    shutil.rmtree(folder / "model")
    (folder / "scored.json").replace(folder / "evaluate.json")


def run_stage(room: str, folder: Path, **paths: str) -> None:
    """A stage as DVC runs it, with the code of this checkout, in `folder`."""
    words = [word for name, path in paths.items() for word in (f"--{name}", path)]
    source = str(PACKAGE.parent)
    subprocess.run(
        [sys.executable, "-m", f"xuxie.{room}", *words],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "DVC_STAGE"} | {"PYTHONPATH": source},
        check=True,
    )


def spread(scores: list[dict[str, Any]]) -> dict[str, Any]:
    """Of bits per character, by split and source: mean and standard deviation between seeds."""
    found: dict[str, Any] = {}
    for part in ("val", "test"):
        for source in scores[0][part]:
            values = [score[part][source]["bits_per_character"] for score in scores]
            found.setdefault(part, {})[source] = {
                "mean": statistics.mean(values),
                "standard_deviation": statistics.stdev(values),
                "lowest": min(values),
                "highest": max(values),
            }
    return found


def cost(plan: Plan, left: int) -> str:
    """What is about to be spent, from what the pipeline's own training took here."""
    latest = {entry["stage"]: entry for entry, _ in entries(plan.root / "runs/stages.jsonl")}
    what = f"{left}/{plan.count} × {plan.epochs():g}"
    said = f"要训练 {what} 轮 | to train: {what} epochs"
    if "train" not in latest:
        return said
    minutes = left * plan.share * latest["train"]["seconds"] / 60
    return f"{said}；约 about {minutes:.1f} min"


def table(result: dict[str, Any]) -> str:
    """The standard deviations, a line a source."""
    count = len(result["seeds"])
    lines = [f"{count} 个种子，比特/字符的标准差 | standard deviation between {count} seeds"]
    for part in ("val", "test"):
        for source, row in result[part].items():
            lines.append(
                f"  {part:<5} {row['mean']:.3f} ± {row['standard_deviation']:.4f}  {source}"
            )
    return "\n".join([*lines, f"→ {METRICS}"])


def nothing_to_train_on(path: str) -> Refusal:
    return bad_data(
        f"缺 {path}；请先运行 xuxie pipeline", f"there is no {path}; run xuxie pipeline first"
    )
