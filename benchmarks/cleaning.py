"""Time and memory of ingest and clean on 10, 100 and 1000 MB of generated Chinese text.

python benchmarks/cleaning.py --megabytes 10 100 1000

Both stages run as `dvc repro` runs them, in a scratch copy of the repository.
"""

import argparse
import json
import os
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from chinese_text import write
from measure import Run
from project import Project, check_out

RESULTS = Path(__file__).parent / "results/cleaning.json"
SEED = 7
TOLERANCE = 0.2
COLUMNS = ("MB", "stage", "seconds", "MB/s", "peak MiB")


def shards(folder: Path, megabytes: int) -> Path:
    """The generated text of that size, written once."""
    made = folder / str(megabytes)
    if not (made / "COMPLETE").exists():
        write(made, megabytes * 1_000_000, SEED)
        (made / "COMPLETE").touch()
    return made


def measured(project: Project, text: Path, megabytes: int) -> dict[str, Any]:
    project.raw(text)
    runs = {name: project.stage(name) for name in ("ingest", "clean")}
    kept = len(project.rows("kept", ["id"]))
    removed = Counter(row["reason"] for row in project.rows("removed", ["reason"]))
    return {
        "megabytes": megabytes,
        "stages": {name: figures(run, megabytes) for name, run in runs.items()},
        "documents": {
            "in": kept + removed.total(),
            "kept": kept,
            "removed": dict(sorted(removed.items())),
        },
    }


def figures(run: Run, megabytes: int) -> dict[str, float]:
    return {
        "seconds": round(run.seconds, 2),
        "megabytes_per_second": round(megabytes / run.seconds, 2),
        "peak_mib": round(run.peak_mib),
    }


def marginal(rows: Sequence[dict[str, Any]], stage: str) -> list[float]:
    """Seconds for each further MB between one size and the next, the cost of starting excluded."""
    return [
        (larger["stages"][stage]["seconds"] - smaller["stages"][stage]["seconds"])
        / (larger["megabytes"] - smaller["megabytes"])
        for smaller, larger in pairwise(rows)
    ]


def linear(costs: Sequence[float]) -> bool | None:
    """Whether a further MB costs the same from one pair of sizes to the next, within TOLERANCE."""
    if len(costs) < 2:
        return None
    return all(abs(later / max(costs[0], 1e-9) - 1) <= TOLERANCE for later in costs[1:])


def report(rows: list[dict[str, Any]], budget: int) -> dict[str, Any]:
    costs = {stage: marginal(rows, stage) for stage in ("ingest", "clean")}
    peak = max(stage["peak_mib"] for row in rows for stage in row["stages"].values())
    return {
        "cores": os.cpu_count(),
        "runs": rows,
        "seconds_per_further_megabyte": {
            stage: [round(cost, 4) for cost in values] for stage, values in costs.items()
        },
        "linear_within_20_percent": {stage: linear(values) for stage, values in costs.items()},
        "peak_mib": peak,
        "budget_mib": budget,
        "within_budget": peak <= budget,
    }


def table(rows: Sequence[dict[str, Any]]) -> str:
    lines = ["".join(f"{name:>10}" for name in COLUMNS)]
    for row in rows:
        for name, values in row["stages"].items():
            cells = (row["megabytes"], name, *values.values())
            lines.append("".join(f"{cell:>10}" for cell in cells))
    return "\n".join(lines)


def budget_of(project: Project) -> int:
    params = yaml.safe_load((project.folder / "params.yaml").read_text(encoding="utf-8"))
    return int(params["engine"]["memory_mib"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--work", type=Path, default=Path("/tmp/xuxie-benchmarks"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    project = check_out(options.work / "cleaning")
    rows = []
    for megabytes in sorted(options.megabytes):
        rows.append(measured(project, shards(options.work / "text", megabytes), megabytes))
        print(table(rows[-1:]), rows[-1]["documents"], flush=True)
    made = report(rows, budget_of(project))
    print(table(rows))
    print({name: value for name, value in made.items() if name != "runs"})
    options.results.parent.mkdir(parents=True, exist_ok=True)
    options.results.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    main()
