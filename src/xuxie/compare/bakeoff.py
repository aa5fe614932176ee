"""Tokenizers at equal compute: each trains the configured model for as many operations.

A stage is a process in a folder of its own below runs/tokenizers, so that the workspace stays as it
is. A training that was stopped goes on where it was; what was scored is not run again.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

from xuxie.compare.candidates import Candidate
from xuxie.compare.compute import flops_a_token
from xuxie.compare.scoring import score_val
from xuxie.compare.seeds import CODE, nothing_to_train_on, run_stage
from xuxie.config import Config, check
from xuxie.errors import Refusal, bad_parameters
from xuxie.store.files import write_text
from xuxie.store.journal import entries
from xuxie.store.manifest import fingerprint_of
from xuxie.tokenizer.tokens import open_tokens
from xuxie.train.identity import identity
from xuxie.train.schedule import plan as planned
from xuxie.train.training import train_windows

WORK = Path("runs/tokenizers")
SPLITS, PRETRAINED = Path("data/splits"), Path("models/pretrained")
# Steps below which a warm-up and a fall of the learning rate are no training.
FEWEST_STEPS = 10


@dataclass(frozen=True)
class Baked:
    """A candidate, trained and scored.

    made: metrics of its tokenizer. trained: of its training. flops: spent on it.
    scores: a row for each document of val.
    """

    candidate: Candidate
    made: dict[str, Any]
    trained: dict[str, Any]
    flops: int
    scores: Any


@dataclass(frozen=True)
class BakeOff:
    """
    candidates: the configured one first: `share` of its training is what each may spend.
    """

    candidates: list[Candidate]
    root: Path
    share: float

    def run(self) -> list[Baked]:
        """
        Raises:
            Refusal: the pipeline has not come as far as its splits, or the share is too small.
            subprocess.CalledProcessError: a stage failed, and has said why.
        """
        for name in (SPLITS, PRETRAINED):
            if not (self.root / name / "COMPLETE").is_file():
                raise nothing_to_train_on(str(name))
        print(cost(self), flush=True)
        for number, candidate in enumerate(self.candidates, 1):
            self.tell(f"分词 tokenize {candidate.name}", number)
            self.tokenize(candidate)
        budget = self.budget()
        found = []
        for number, candidate in enumerate(self.candidates, 1):
            self.tell(f"训练并评分 train and score {candidate.name}", number)
            found.append(self.bake(candidate, budget))
        return found

    def tell(self, what: str, number: int) -> None:
        print(f"[{number}/{len(self.candidates)}] {what}", flush=True)

    def folder(self, candidate: Candidate) -> Path:
        """Of its tokens, named by all that decides them."""
        facts = {
            "tokenizer": candidate.config.tokenizer,
            "given": candidate.given_hash(),
            "splits": fingerprint_of(self.root / SPLITS),
        }
        rooms = [room for room in CODE if room.name == "tokenizer"]
        return self.root / WORK / f"{candidate.name}-{identity(facts, rooms)}"

    def tokenize(self, candidate: Candidate) -> None:
        folder = self.folder(candidate)
        if (folder / "tokenizer.json").is_file():
            return
        prepare(folder, candidate.config)
        run_stage(
            "tokenizer",
            folder,
            splits=str((self.root / SPLITS).resolve()),
            pretrained=str(candidate.given.resolve()),
            out="tokenizer",
            tokens="tokens",
            metrics="tokenizer.json",
        )

    def budget(self) -> int:
        """Operations that each candidate may spend.

        Raises:
            Refusal: they are too few for a training.
        """
        first = self.candidates[0]
        train = first.config.train
        steps, _ = planned(
            epochs=train.epochs * self.share,
            windows=self.windows(first),
            batch=train.batch * train.accumulate,
            validations=1,
        )
        largest = max(self.candidates, key=self.step)
        if self.steps(steps * self.step(first), largest) < FEWEST_STEPS:
            raise too_short(largest.name, self.share)
        return steps * self.step(first)

    def step(self, candidate: Candidate) -> int:
        """Operations of one step of the optimizer."""
        shape, train = candidate.config.model, candidate.config.train
        words = shape.context * train.batch * train.accumulate
        vocabulary = read(self.folder(candidate) / "tokenizer.json")["vocabulary"]
        return words * flops_a_token(shape, vocabulary)

    def steps(self, budget: int, candidate: Candidate) -> int:
        return round(budget / self.step(candidate))

    def windows(self, candidate: Candidate) -> int:
        """Windows of an epoch of the candidate's tokens."""
        tokens = open_tokens(self.folder(candidate) / "tokens", "train")
        settings = candidate.config
        return train_windows(tokens, settings.model.context, settings.train).per_epoch

    def settings(self, candidate: Candidate, steps: int) -> Config:
        """The candidate's, for so many steps; one validation, so that they are not rounded up."""
        values = candidate.config.model_dump()
        train = values["train"]
        epochs = (steps - 0.5) * train["batch"] * train["accumulate"] / self.windows(candidate)
        train |= {"epochs": epochs, "validations": 1}
        values["track"]["enabled"] = False
        return check(values)

    def bake(self, candidate: Candidate, budget: int) -> Baked:
        """Train and score, unless that was done by an earlier call."""
        made = self.folder(candidate)
        settings = self.settings(candidate, self.steps(budget, candidate))
        facts = {room: getattr(settings, room) for room in ("model", "train", "evaluate")}
        folder = made / identity(facts, CODE)
        scores = folder / "val.parquet"
        if not scores.is_file():
            prepare(folder, settings)
            self.train(made, folder)
            score_val(settings.evaluate, folder / "model", self.root / SPLITS, scores)
        trained = read(folder / "train.json")
        flops = trained["steps"] * self.step(candidate)
        figures = read(made / "tokenizer.json")
        return Baked(candidate, figures, trained, flops, pq.read_table(scores))

    def train(self, made: Path, folder: Path) -> None:
        run_stage(
            "train",
            folder,
            tokens=str((made / "tokens").resolve()),
            tokenizer=str((made / "tokenizer").resolve()),
            pretrained=str((self.root / PRETRAINED).resolve()),
            out="model",
            metrics="train.json",
            curves="loss.csv",
        )


def check_plan(config: Config, share: float) -> None:
    """
    Raises:
        Refusal: there would be nothing to train, or a model that has its vocabulary already.
    """
    if not 0 < share <= 1:
        raise bad_parameters(
            f"--share {share}：必须大于 0、不超过 1", f"--share {share}: must be above 0, at most 1"
        )
    if config.model.start != "scratch":
        raise bad_parameters(
            "xuxie tokenizers 从零训练；请设 model=small 一类（model.start = scratch）",
            "xuxie tokenizers trains from scratch: set model=small or another of model.start ="
            " scratch",
        )


def cost(plan: BakeOff) -> str:
    """What is about to be spent at most, from what the pipeline's own stages took here."""
    count = len(plan.candidates)
    said = f"{count} 个分词器，各训练配置的 {plan.share:.0%} | {count} tokenizers,"
    said += f" each {plan.share:.0%} of the configured training"
    latest = {entry["stage"]: entry for entry, _ in entries(plan.root / "runs/stages.jsonl")}
    if not {"train", "tokenizer"} <= latest.keys():
        return said
    seconds = plan.share * latest["train"]["seconds"] + 2 * latest["tokenizer"]["seconds"]
    return f"{said}；至多约 at most about {count * seconds / 60:.0f} min"


def prepare(folder: Path, settings: Config) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(settings.model_dump(), allow_unicode=True)
    write_text(folder / "params.yaml", text)


def read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def too_short(name: str, share: float) -> Refusal:
    return bad_parameters(
        f"--share {share} 只够 {name} 训练不到 {FEWEST_STEPS} 步；请调大，或不比它",
        f"--share {share} buys {name} less than {FEWEST_STEPS} steps; raise it, or leave that one"
        " out",
    )
