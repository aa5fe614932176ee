"""Does the gate promote what is better, and nothing else? 60 challengers whose worth is known.

Better: the champion's text and as much again; equal: the champion's text, another seed; worse:
damaged text, a third of the steps, or continued on one source alone. Each is judged as
`xuxie retrain` judges, on frozen and fresh test documents that neither model saw.

    python benchmarks/gate_quality.py --splits data/splits --work /tmp/gate-quality
"""

import argparse
import contextlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import small_models
import torch
from gate_cases import HALVINGS, Bench, Case, cases, of_noise
from gate_rates import promoted_by_chance
from machine import described
from tqdm import tqdm

from xuxie.compare.noise import Noise
from xuxie.retrain.gate.judge import Arrived, Judgement, judge
from xuxie.retrain.outcome import Outcome
from xuxie.store.files import write_json

RESULT = Path(__file__).resolve().parent / "results/gate_quality.json"


@dataclass(frozen=True)
class Verdict:
    """
    delta: of the challenger over all documents, bits per character; positive is worse.
    noise: whether seed noise was measured; else the configured one was taken.
    """

    kind: str
    how: str
    challenger: str
    noise: bool
    outcome: str
    reasons: list[str]
    delta: float
    margin: float


def judged(bench: Bench, case: Case, noise: Noise | None) -> Judgement:
    """As `retrain/conclude.py` does; of what came, clean removed nothing."""
    chosen = small_models.settings()
    return judge(
        bench.candidate(case.champion),
        bench.candidate(case.challenger),
        chosen.retrain.gate,
        chosen.evaluate.bootstrap,
        noise=noise,
        slower=bench.slower(case),
        arrived=Arrived(documents=1000, removed={}, distance=0.0),
    )


def verdict(case: Case, found: Judgement, *, measured: bool) -> Verdict:
    overall = found.differences[0]
    return Verdict(
        kind=case.kind,
        how=case.how,
        challenger=case.challenger.name,
        noise=measured,
        outcome=found.outcome.value,
        reasons=[reason.code for reason in found.reasons],
        delta=overall.delta,
        margin=overall.margin(),
    )


@contextlib.contextmanager
def quiet(log: Path) -> Iterator[None]:
    """What the stages say goes into a file."""
    with (
        log.open("a", encoding="utf-8") as file,
        contextlib.redirect_stdout(file),
        contextlib.redirect_stderr(file),
    ):
        yield


def verdicts(bench: Bench, count: int) -> list[Verdict]:
    planned = list(cases(count))
    found = []
    bar = tqdm(total=len(of_noise()) + len(planned), desc="判断 judge", unit="", miniters=1)
    with bar, quiet(bench.work / "log.txt"):
        for model in of_noise():
            bench.candidate(model)
            bar.update()
        noise = bench.noise()
        for case in planned:
            for each in (noise, None):
                said = judged(bench, case, each)
                found.append(verdict(case, said, measured=each is not None))
            bar.update()
    return found


def table(rows: list[Verdict]) -> str:
    """A line for each kind, and for each way of becoming worse."""
    lines = [
        "| challenger | cases | promoted | held | rejected | median difference | mostly for |",
        "| --- | --: | --: | --: | --: | --: | --- |",
    ]
    for kind in dict.fromkeys(row.kind for row in rows):
        of_kind = [row for row in rows if row.kind == kind]
        lines.append(line(kind, of_kind))
        ways = dict.fromkeys(row.how for row in of_kind)
        if len(ways) > 1:
            lines += [line(f"– {way}", [r for r in of_kind if r.how == way]) for way in ways]
    return "\n".join(lines)


def line(name: str, rows: list[Verdict]) -> str:
    outcomes = Counter(row.outcome for row in rows)
    counts = " | ".join(
        str(outcomes[outcome.value]) for outcome in (Outcome.PROMOTE, Outcome.HOLD, Outcome.REJECT)
    )
    first = Counter(row.reasons[0] for row in rows).most_common(1)[0]
    delta = median(row.delta for row in rows)
    return f"| {name} | {len(rows)} | {counts} | {delta:+.3f} | {first[0]} ({first[1]}) |"


def bar_of(rows: list[Verdict]) -> dict[str, Any]:
    promoted = [row for row in rows if row.outcome == Outcome.PROMOTE.value]
    return {
        "wrong_promotions": sum(row.kind != "better" for row in promoted),
        "right_promotions": sum(row.kind == "better" for row in promoted),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--count", type=int, default=20, help="cases of each kind")
    parser.add_argument("--epochs", type=float, default=0.6)
    given = parser.parse_args()
    torch.set_num_threads(1)
    given.work.mkdir(parents=True, exist_ok=True)
    bench = Bench(given.work.resolve(), given.splits.resolve(), given.epochs)
    rows = verdicts(bench, given.count)
    print(described(threads=1))
    result: dict[str, Any] = {"machine": described(threads=1), "sd": bench.noise().sd}
    for measured, name in ((True, "measured"), (False, "configured")):
        chosen = [row for row in rows if row.noise == measured]
        result[name] = bar_of(chosen)
        print(f"\nseed noise {name}: {result[name]}\n{table(chosen)}")
    if given.count >= 4 * HALVINGS:  # champion, challenger, and five that noise is measured on
        result["by_chance"] = promoted_by_chance(bench, given.count)
        print("\nchance that an equal challenger is promoted:", result["by_chance"])
    write_json(RESULT, result | {"verdicts": [asdict(row) for row in rows]})


if __name__ == "__main__":
    main()
