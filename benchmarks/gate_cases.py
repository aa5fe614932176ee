"""The planted cases: which champion, which challenger, and what both make of the documents.

Every candidate is kept in a folder of its own, laid out as `xuxie retrain` lays it out, and read by
its code; one that is there is not trained again.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import planted_text
import small_models

from xuxie.compare.noise import Noise, read_noise
from xuxie.compare.seeds import spread
from xuxie.config import Config, check
from xuxie.evaluate.documents import by_document, write_scores
from xuxie.evaluate.measure import FROZEN, PARTS, figures_of
from xuxie.evaluate.minimal_pairs.compare import compared
from xuxie.evaluate.minimal_pairs.pairs import read_pairs
from xuxie.evaluate.score import scored
from xuxie.evaluate.settings import EvaluateSettings
from xuxie.evaluate.texts import read_texts
from xuxie.generate.stage import sampled, summary
from xuxie.model.directory import load_model, load_tokenizer
from xuxie.retrain.gate.candidate import Candidate
from xuxie.retrain.gate.speed import slower
from xuxie.retrain.training import candidates
from xuxie.retrain.training.strategy import continued
from xuxie.store.files import write_json, write_text
from xuxie.store.manifest import verify

KINDS = ("better", "equal", "worse")
WORSE = ("noisy", "shuffled", "short", "forgetting")
HALVINGS, SEEDS = 4, 5
PAIRS = Path(__file__).resolve().parent.parent / "data/minimal_pairs.tsv"


@dataclass(frozen=True)
class Model:
    """
    text: of `planted_text.CHANGES`.
    base: number of the champion that it goes on from; None from scratch.
    """

    name: str
    halving: int
    seed: int
    text: str = "old"
    share: float = 1.0
    base: int | None = None


@dataclass(frozen=True)
class Case:
    kind: str
    how: str
    champion: Model
    challenger: Model


def champion(number: int) -> Model:
    return Model(f"champion-{number}", number % HALVINGS, 1 + number)


def cases(count: int) -> Iterator[Case]:
    """Of each kind so many; those of one number are judged against the same champion."""
    for number in range(count):
        for kind in KINDS:
            how = kind if kind != "worse" else worse_how(number)
            yield Case(kind, how, champion(number), challenger(number, kind, how))


def worse_how(number: int) -> str:
    """Each way of becoming worse on each halving."""
    return WORSE[(number // HALVINGS + number) % len(WORSE)]


def challenger(number: int, kind: str, how: str) -> Model:
    seed, halving = 101 + 3 * number + KINDS.index(kind), number % HALVINGS
    name = f"{kind}-{number}"
    if how == "better":
        return Model(name, halving, seed, text="everything")
    if how == "short":
        return Model(name, halving, seed, share=1 / 3)
    if how == "forgetting":
        source = ("reviews", "statutes")[number % 2]
        return Model(name, halving, seed, text=source, base=number)
    return Model(name, halving, seed, text="old" if how == "equal" else how)


def of_noise() -> list[Model]:
    """Further seeds of the first champion's configuration, as `xuxie noise` trains them."""
    return [Model(f"noise-{number}", 0, 201 + number) for number in range(SEEDS)]


@dataclass(frozen=True)
class Bench:
    """
    source: data/splits of the pipeline.
    epochs: of the text, as many for champion and challenger.
    """

    work: Path
    source: Path
    epochs: float

    def candidate(self, model: Model) -> Candidate:
        folder = self.work / "candidates" / model.name
        if not (folder / "metrics/generate.json").is_file():
            self.make(model, folder)
        read = folder / "model"
        return candidates.candidate(model.name, read, verify(read), folder, {})

    def make(self, model: Model, folder: Path) -> None:
        """Train, evaluate and generate, as the stages do."""
        chosen = self.settings(model)
        base = self.base(model)
        tokens = self.work / f"tokens/{model.halving}-{model.text}"
        small_models.tokenize(chosen.tokenizer, self.splits(model, model.text), tokens, base)
        (folder / "metrics").mkdir(parents=True, exist_ok=True)
        small_models.train(chosen, tokens, folder / "model", folder, base)
        shutil.rmtree(folder / "runs", ignore_errors=True)
        evaluate(chosen.evaluate, self.splits(model, "old"), folder)
        samples = sampled(chosen.generate, folder / "model")
        (folder / "samples").mkdir(exist_ok=True)
        lines = "".join(json.dumps(asdict(s), ensure_ascii=False) + "\n" for s in samples)
        write_text(folder / "samples/samples.jsonl", lines)
        write_json(folder / "metrics/generate.json", summary(samples))

    def settings(self, model: Model) -> Config:
        chosen = small_models.settings(
            f"train.seed={model.seed}", f"train.epochs={self.epochs * model.share}"
        )
        values = chosen.model_dump()
        # Of each model's own figures nobody reads the intervals; the judgement draws its own.
        values["evaluate"]["bootstrap"] |= {"resamples": 200}
        if model.base is not None:
            values = continued(values, chosen.retrain.training, after=0)
            values["train"]["replay"] |= {"after": None, "share": 0.0}
        return check(values)

    def base(self, model: Model) -> Path | None:
        if model.base is None:
            return None
        return self.candidate(champion(model.base)).model

    def splits(self, model: Model, text: str) -> Path:
        out = self.work / f"splits/{model.halving}-{text}"
        return planted_text.splits(self.source, out, text, model.halving)

    def slower(self, case: Case) -> float:
        """Measured once, so that a judgement may be made again."""
        path = self.work / "candidates" / case.challenger.name / "speed.json"
        if not path.is_file():
            models = [self.candidate(each).model for each in (case.champion, case.challenger)]
            value = slower(self.settings(case.champion).generate, *models)
            write_json(path, {"slower": value})
        return float(json.loads(path.read_text())["slower"])

    def noise(self) -> Noise:
        """As `xuxie noise` sums its trainings up, read as `xuxie retrain` reads it."""
        found = [self.candidate(model).evaluated for model in of_noise()]
        seeds = [model.seed for model in of_noise()]
        write_json(
            self.work / "noise.json", {"seeds": seeds, "epochs": self.epochs} | spread(found)
        )
        noise = read_noise(self.work / "noise.json")
        assert noise is not None
        return noise


def evaluate(settings: EvaluateSettings, splits: Path, folder: Path) -> None:
    """What `evaluate` writes and the gate reads: all but baselines and pictures."""
    parts = {part: read_texts(splits / f"{part}.parquet") for part in PARTS}
    network, words = load_model(folder / "model"), load_tokenizer(folder / "model")
    seen = {part: scored(settings, network, words, texts) for part, texts in parts.items()}
    contrasts = {"minimal_pairs": compared(settings, network, words, read_pairs(PAIRS))}
    write_json(folder / "metrics/evaluate.json", figures_of(seen, parts, settings) | contrasts)
    (folder / "scores").mkdir(exist_ok=True)
    documents = {
        part: by_document(splits / f"{part}.parquet", texts, seen[part], frozen=part == FROZEN)
        for part, texts in parts.items()
    }
    write_scores(folder / "scores", documents)
