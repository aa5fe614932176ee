"""Retraining over real batches of text: statutes before 2024, then what 2024 to 2026 brought.

    python benchmarks/retrain_demo.py --work /tmp/retrain-demo

Makes a project of its own from this checkout (experiment `retrain-demo`), lets each batch arrive
and calls `xuxie retrain`, as a scheduler would. At the end it asks the first champion, which was
never retrained, and the champion of each time about each batch before they had seen it. Writes
reports/retrain-demo.html, .svg and .json. Run again, it begins anew.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from retrain_demo_page import page, picture
from tqdm import tqdm

from xuxie.config import Config, load
from xuxie.evaluate.score import scored
from xuxie.evaluate.texts import Texts
from xuxie.model.directory import load_model, load_tokenizer
from xuxie.retrain.promotion.ledger import entries
from xuxie.store.files import write_json, write_text
from xuxie.track.champion import champion

ROOT = Path(__file__).resolve().parent.parent
EXPERIMENT, BEGIN = "retrain-demo", "2024-01-01"
FOREIGN = ("DVC_", "MLFLOW_", "XUXIE_", "PYTHON")
Record = dict[str, Any]


@dataclass(frozen=True)
class Batch:
    """date: of the first of the batch; the first batch is all that is older than BEGIN."""

    date: str
    records: list[Record]


@dataclass(frozen=True)
class Row:
    """
    outcome: of `xuxie retrain`. strategy: how it trained, empty if it did not.
    champion: version after it.
    never, current: bits per character on the batch's text, before it was trained on, of the first
        champion and of the champion of that time; None for the first batch.
    """

    date: str
    characters: int
    documents: int
    outcome: str
    strategy: str
    reasons: list[str]
    champion: str
    seconds: float
    never: float | None = None
    current: float | None = None


@dataclass(frozen=True)
class Demonstration:
    project: Path

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return kept | {"PATH": path, "PYTHONPATH": "src"}

    def run(self, *words: str) -> None:
        with (self.project.parent / "log.txt").open("ab") as log:
            done = subprocess.run(
                words, cwd=self.project, env=self.environment(), stdout=log, stderr=log, check=False
            )
        if done.returncode:
            raise SystemExit(f"{' '.join(words)}: exit code {done.returncode}, see {log.name}")

    def begin(self) -> None:
        """A clone with the experiment set, and the statutes fetched beside its raw data."""
        shutil.rmtree(self.project, ignore_errors=True)
        self.project.parent.mkdir(parents=True, exist_ok=True)
        (self.project.parent / "log.txt").unlink(missing_ok=True)
        words = ["git", "clone", "--quiet", str(ROOT), str(self.project)]
        subprocess.run(words, check=True)
        config = self.project / "conf/config.yaml"
        text = config.read_text(encoding="utf-8")
        changed = text.replace("experiment: null", f"experiment: {EXPERIMENT}")
        self.run(sys.executable, "-m", "xuxie.fetch", "fetch.reviews=null")
        config.write_text(changed, encoding="utf-8")
        self.run(sys.executable, "-m", "xuxie.params", "--conf", "conf", "--out", "params.yaml")
        own = ("-c", "user.name=demo", "-c", "user.email=demo@localhost")
        self.run("git", *own, "commit", "--quiet", "--all", "--message", "The demonstration")

    def batches(self) -> list[Batch]:
        found: dict[str, list[Record]] = {}
        statutes = self.project / "scratch/data/raw/demo/statutes.jsonl"
        for line in statutes.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            found.setdefault(max(record["date"], BEGIN), []).append(record)
        return [Batch(day, found[day]) for day in sorted(found)]

    def arrive(self, batch: Batch) -> Row:
        """Put the batch where raw data lies, retrain, and read what came of it."""
        lines = [json.dumps(record, ensure_ascii=False) for record in batch.records]
        place = self.project / "data/raw/statutes" / f"{batch.date}.jsonl"
        write_text(place, "\n".join(lines) + "\n")
        before, began = len(list(entries(self.project))), time.monotonic()
        self.run("xuxie", "retrain")
        seconds = time.monotonic() - began
        entry = list(entries(self.project))[before:][-1]
        now = champion(self.project)
        told = entry.get("verdict", {}).get("reasons", [])
        why = [reason["english"] for reason in told] or [line[2] for line in entry.get("why", [])]
        return Row(
            date=batch.date,
            characters=sum(len(record["text"]) for record in batch.records),
            documents=len(batch.records),
            outcome=str(entry.get("outcome") or entry["kind"]),
            strategy=str(entry.get("strategy") or ""),
            reasons=why,
            champion=now.version if now else "",
            seconds=seconds,
        )

    def bits(self, version: str, settings: Config, texts: Texts) -> float:
        """Bits per character of a champion on texts."""
        folder = self.project / f"runs/champion/v{version}"
        model = load_model(folder)
        found = scored(settings.evaluate, model, load_tokenizer(folder), texts)
        return float(found.nats.sum() / np.log(2) / texts.characters().sum())

    def aged(self, batches: list[Batch], rows: list[Row]) -> Iterator[Row]:
        """Each row with what champions made of its text before they were trained on it."""
        settings, seen = load(self.project / "params.yaml"), set[str]()
        first = rows[0].champion
        for number, (batch, row) in enumerate(zip(batches, rows, strict=True)):
            new = [record for record in batch.records if record["text"] not in seen]
            seen |= {record["text"] for record in batch.records}
            if number == 0 or not new:
                yield row
                continue
            texts = as_texts(new)
            before = rows[number - 1].champion
            never = self.bits(first, settings, texts)
            current = never if before == first else self.bits(before, settings, texts)
            yield Row(**(asdict(row) | {"never": never, "current": current}))


def as_texts(records: list[Record]) -> Texts:
    names = sorted({record["group"] for record in records})
    groups = np.array([names.index(record["group"]) for record in records])
    order = np.argsort(groups, kind="stable")
    return Texts([records[n]["text"] for n in order], ["statutes"] * len(records), groups[order])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("runs/retrain-demo"))
    parser.add_argument("--batches", type=int, help="only the first so many")
    parser.add_argument("--reports", type=Path, default=Path("reports"))
    given = parser.parse_args()
    torch.set_num_threads(2)
    made = Demonstration((given.work / "project").resolve())
    made.begin()
    batches = made.batches()[: given.batches]
    rows = []
    for batch in tqdm(batches, desc="批次 batches", unit=""):
        rows.append(made.arrive(batch))
        tqdm.write(line(rows[-1]))
    rows = list(made.aged(batches, rows))
    write_json(given.reports / "retrain-demo.json", [asdict(row) for row in rows])
    write_text(given.reports / "retrain-demo.svg", picture([asdict(row) for row in rows]))
    write_text(given.reports / "retrain-demo.html", page([asdict(row) for row in rows]))
    print(f"{given.reports / 'retrain-demo.html'}")


def line(row: Row) -> str:
    return (
        f"{row.date}  {row.characters:>9,} 字 characters  {row.outcome:8} {row.strategy:9}"
        f" v{row.champion}  {row.seconds:.0f} s  {'; '.join(row.reasons)}"
    )


if __name__ == "__main__":
    main()
