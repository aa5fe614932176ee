"""Recall and precision of the identifier rules, kind by kind and disguise by disguise.

`python benchmarks/identifiers.py [--markdown FILE] [--peers PYTHON]`. PYTHON is the interpreter of
a virtual environment outside this repository with jionlp 1.5.31 and presidio-analyzer 2.2.366; it
runs identifier_peers.py on the same texts. Ours counts only with the right kind and the exact span;
a peer counts with any entity that covers the whole value. A decoy in which anything at all is found
is a false alarm.
"""

import argparse
import json
import subprocess
import time
from collections import Counter
from math import sqrt
from pathlib import Path

import identifier_samples as samples

from xuxie.clean.identifiers import find

SEED = 20260828
Z = 1.959963984540054


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    share, extra = hits / count, Z * Z / count
    middle = (share + extra / 2) / (1 + extra)
    half = Z * sqrt(share * (1 - share) / count + extra / (4 * count)) / (1 + extra)
    return middle - half, min(1.0, middle + half)


def disguises_of(kind: str) -> list[str]:
    return [name for name, kinds in samples.APPLIES.items() if kind in kinds]


def recall(kind: str, disguise: str, count: int) -> int:
    """How many of `count` samples are found with their kind and their exact span."""
    return sum(
        any((hit.kind, hit.start, hit.end) == (kind, one.start, one.end) for hit in find(one.text))
        for one in samples.samples(kind, disguise, count, SEED)
    )


def false_alarms(kind: str, disguise: str, count: int) -> int:
    """Decoys in which anything at all is found."""
    return sum(bool(find(text)) for text in samples.decoy_texts(kind, disguise, count, SEED))


def peer_counts(python: Path, count: int) -> dict[str, Counter[str]]:
    """{library: {kind/disguise: found of `count`}}, by a process under `python`."""
    lines = [
        json.dumps(
            {"key": f"{kind}/{disguise}", "text": one.text, "start": one.start, "end": one.end}
        )
        for kind in samples.LABELS
        for disguise in disguises_of(kind)
        for one in samples.samples(kind, disguise, count, SEED)
    ]
    script = Path(__file__).with_name("identifier_peers.py")
    done = subprocess.run(
        [str(python), str(script)],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
    )
    counts: dict[str, Counter[str]] = {}
    for line in done.stdout.splitlines():
        row = json.loads(line)
        counts.setdefault(row["library"], Counter())[row["key"]] += row["found"]
    return counts


def speed(characters: int) -> tuple[float, int]:
    """MB/s of UTF-8 on prose without identifiers (best of 3), and what was found in it."""
    text = samples.prose(characters, SEED)
    best, found = 0.0, 0
    for _ in range(3):
        start = time.perf_counter()
        found = len(find(text))
        best = max(best, len(text.encode()) / (time.perf_counter() - start) / 1e6)
    return best, found


def interval(hits: int, count: int) -> str:
    low, high = wilson(hits, count)
    return f"{hits / count:.3f} [{low:.3f}, {high:.3f}]"


def table(valid: int, decoys: int, peers: dict[str, Counter[str]], peer_count: int) -> list[str]:
    """One row for each kind and disguise; decoys are disguised where a check digit tells them."""
    libraries = sorted(peers)
    head = ["kind", "disguise", "recall [95 %]", "false alarms", "precision [95 %]", *libraries]
    rows = ["| " + " | ".join(head) + " |", "| --- " * len(head) + "|"]
    for kind in samples.LABELS:
        for disguise in disguises_of(kind):
            hits = recall(kind, disguise, valid)
            cells = [kind, disguise, interval(hits, valid), "", ""]
            if disguise == "plain" or kind in samples.CHECKED:
                wrong = false_alarms(kind, disguise, decoys)
                cells[3:] = [f"{wrong} / {decoys}", interval(hits, max(1, hits + wrong))]
            found = (peers[name][f"{kind}/{disguise}"] / peer_count for name in libraries)
            rows.append("| " + " | ".join([*cells, *(f"{share:.2f}" for share in found)]) + " |")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--peers", type=Path, metavar="PYTHON")
    parser.add_argument("--valid", type=int, default=500)
    parser.add_argument("--decoys", type=int, default=1000)
    parser.add_argument("--peer-samples", type=int, default=100)
    options = parser.parse_args()
    peers = peer_counts(options.peers, options.peer_samples) if options.peers else {}
    rows = table(options.valid, options.decoys, peers, options.peer_samples)
    rate, found = speed(2_000_000)
    rows += [
        "",
        f"Prose without identifiers: {found} found in 2,000,000 characters, {rate:.0f} MB/s.",
    ]
    print("\n".join(rows))
    if options.markdown:
        options.markdown.write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
