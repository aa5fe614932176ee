"""Ours beside datatrove and data-juicer: time, memory, and which documents each keeps.

python benchmarks/peers.py --megabytes 10 --runs 3

The same JSONL for all, two workers each, runs interleaved. The peers do the nearest equal work:
normalise, filter, remove near-duplicates; ours also masks identifiers, removes repeated lines,
reads the files record by record and writes a report.
"""

import argparse
import json
import shutil
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

from cleaning import shards
from measure import Run, succeeded
from project import Project, check_out

HERE = Path(__file__).parent
RESULTS = HERE / "results/peers.json"
PARTS = 4  # files for two workers to share


@dataclass(frozen=True)
class Peer:
    """A cleaner under test: `runner` is a program beside this one, run by `python`."""

    name: str
    runner: str
    python: Path
    preset: str

    def __str__(self) -> str:
        return f"{self.name} {self.preset}"

    def run(self, text: Path, work: Path) -> Run:
        words = [str(self.python), str(HERE / self.runner), "--shards", str(text)]
        return succeeded([*words, "--work", str(work), "--preset", self.preset], HERE)


def named(peer: str, venvs: Path) -> tuple[str, str, Path]:
    return peer, f"peer_{peer.replace('-', '_')}.py", venvs / f"peers-{peer}/bin/python"


def with_ids(text: Path, folder: Path) -> Path:
    """The documents of a folder in PARTS files, each with the id FILE:LINE, as our origin."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files = [(folder / f"part-{n}.jsonl").open("w", encoding="utf-8") for n in range(PARTS)]
    counts = [0] * PARTS
    lines = (line for path in sorted(text.glob("*.jsonl")) for line in path.open(encoding="utf-8"))
    for part, line in zip(cycle(range(PARTS)), lines, strict=False):
        counts[part] += 1
        record = {"id": f"part-{part}.jsonl:{counts[part]}", **json.loads(line)}
        files[part].write(json.dumps(record, ensure_ascii=False) + "\n")
    for file in files:
        file.close()
    return folder


def ours(project: Project, text: Path) -> tuple[float, float, set[str]]:
    project.raw(text)
    runs = [project.stage("ingest"), project.stage("clean")]
    kept = {row["origin"] for row in project.rows("kept", ["origin"])}
    return sum(run.seconds for run in runs), max(run.peak_mib for run in runs), kept


def theirs(peer: Peer, text: Path, work: Path) -> tuple[float, float, set[str]]:
    run = peer.run(text, work)
    return run.seconds, run.peak_mib, set(json.loads((work / "kept.json").read_text()))


def summary(runs: list[tuple[float, float, set[str]]], megabytes: int) -> dict[str, Any]:
    seconds = median(run[0] for run in runs)
    return {
        "runs": len(runs),
        "seconds": round(seconds, 2),
        "all_seconds": [round(run[0], 2) for run in runs],
        "megabytes_per_second": round(megabytes / seconds, 2),
        "peak_mib": round(max(run[1] for run in runs)),
        "kept": len(runs[-1][2]),
    }


def beside(mine: set[str], other: set[str]) -> dict[str, int]:
    """How many documents both keep, and how many only one of them."""
    both = len(mine & other)
    return {"both": both, "only_ours": len(mine) - both, "only_theirs": len(other) - both}


def compared(
    project: Project, peers: list[tuple[Peer, int]], text: Path, megabytes: int, runs: int
) -> dict[str, Any]:
    """Interleaved runs of all.

    Args:
        peers: each with how many of the rounds it joins.
    """
    measured: dict[str, list[tuple[float, float, set[str]]]] = {"ours": []}
    for number in range(runs):
        measured["ours"].append(ours(project, text))
        for peer, rounds in peers:
            if number < rounds:
                run = theirs(peer, text, project.folder.parent / f"work-{peer.name}")
                measured.setdefault(str(peer), []).append(run)
                print(peer, *(round(value, 1) for value in run[:2]), len(run[2]), flush=True)
    result = {name: summary(values, megabytes) for name, values in measured.items()}
    mine = measured["ours"][-1][2]
    for name, values in measured.items():
        if name != "ours":
            result[name]["times_as_long_as_ours"] = round(
                result[name]["seconds"] / result["ours"]["seconds"], 2
            )
            result[name]["documents"] = beside(mine, values[-1][2])
    return {"megabytes": megabytes, "cleaners": result}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peers", nargs="*", default=["datatrove", "data-juicer"])
    parser.add_argument("--venvs", type=Path, default=Path("/tmp"))
    parser.add_argument("--defaults", action="store_true", help="once on the peers' defaults, too")
    parser.add_argument("--work", type=Path, default=Path("/tmp/xuxie-benchmarks"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    project = check_out(options.work / "peers/project")
    generated = shards(options.work / "text", options.megabytes)
    text = with_ids(generated, options.work / "peers/text")
    peers = [(Peer(*named(name, options.venvs), "chinese"), options.runs) for name in options.peers]
    if options.defaults:
        peers += [(Peer(*named(name, options.venvs), "default"), 1) for name in options.peers]
    made = compared(project, peers, text, options.megabytes, options.runs)
    options.results.parent.mkdir(parents=True, exist_ok=True)
    options.results.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n")
    print(json.dumps(made["cleaners"], ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
