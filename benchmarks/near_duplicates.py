"""Recall and precision of near-duplicate removal on planted copies of known similarity.

python benchmarks/near_duplicates.py --bases 400

Each base document is followed by copies of which 1 % to 30 % is edited: single characters
substituted, inserted and deleted, blocks moved and replaced. The Jaccard similarity of the
character 5-grams is computed exactly. A pair of base and copy counts as found if not both stay.
"""

import argparse
import json
import shutil
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from chinese_text import Draw, edited, jaccard, ngrams, plain
from peers import Peer, named
from project import Project, check_out

RESULTS = Path(__file__).parent / "results/near_duplicates.json"
EDITS = (0.002, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.05, 0.1, 0.2, 0.3)
BUCKETS = ((0.8, 1.01), (0.8, 0.82), (0.82, 0.85), (0.85, 0.9), (0.9, 1.01), (0.7, 0.8), (0, 0.7))
FILE = "planted.jsonl"


@dataclass(frozen=True)
class Outcome:
    """A cleaner's decision: the texts it compared, and whom it removed in favour of whom.

    `leader` is empty where the cleaner does not tell.
    """

    texts: Mapping[str, str]
    removed: Mapping[str, str]


def moved(rng: Draw, text: str, share: float, other: str) -> str:
    """`text` with a block of about `share` of it moved, or replaced by a block of `other`."""
    size = max(1, int(len(text) * share))
    start, place = (int(n) for n in rng.integers(0, max(1, len(text) - size), 2))
    block, rest = text[start : start + size], text[:start] + text[start + size :]
    if rng.random() < 0.5:
        block = other[:size]
    return rest[:place] + block + rest[place:]


def planted(seed: int, bases: int) -> dict[str, str]:
    """FAMILY-MEMBER -> text; member 0 is the base. Each base comes before all copies."""
    rng = np.random.default_rng(seed)
    originals = [text for _, text in islice(plain(rng), bases)]
    made = {f"{family}-0": text for family, text in enumerate(originals)}
    for family, text in enumerate(originals):
        for member, share in enumerate(EDITS, 1):
            if rng.random() < 0.5:
                made[f"{family}-{member}"] = edited(rng, text, share)
            else:
                other = originals[(family + 1) % bases]
                made[f"{family}-{member}"] = moved(rng, text, share, other)
    return made


def write(folder: Path, texts: Mapping[str, str]) -> list[str]:
    """One file of all; the ids as our origins spell them, in order."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ids = [f"{FILE}:{number}" for number in range(1, len(texts) + 1)]
    with (folder / FILE).open("w", encoding="utf-8") as file:
        for name, text in zip(ids, texts.values(), strict=True):
            file.write(json.dumps({"id": name, "text": text}, ensure_ascii=False) + "\n")
    return ids


def ours(project: Project, folder: Path, names: Mapping[str, str]) -> Outcome:
    # Else the paragraphs that copies share are gone before the copies are compared.
    project.settings(clean={"repeated_lines.enabled": False})
    project.raw(folder)
    project.stage("ingest")
    project.stage("clean")
    kept = project.rows("kept", ["id", "origin", "text"])
    columns = ["id", "origin", "text", "reason", "duplicate_of"]
    removed = project.rows("removed", columns)
    by_id = {row["id"]: names[row["origin"]] for row in [*kept, *removed]}
    texts = {names[row["origin"]]: row["text"] for row in [*kept, *removed]}
    duplicates = {
        names[row["origin"]]: by_id.get(row["duplicate_of"], "")
        for row in removed
        if "duplicate" in row["reason"]
    }
    others = len(removed) - len(duplicates)
    if others:
        print(f"ours removed {others} documents for other reasons; they are not counted")
    skipped = {names[row["origin"]] for row in removed} - duplicates.keys()
    return Outcome({k: v for k, v in texts.items() if k not in skipped}, duplicates)


def theirs(
    peer: Peer, folder: Path, work: Path, names: Mapping[str, str], texts: Mapping[str, str]
) -> Outcome:
    peer.run(folder, work)
    kept = {names[name] for name in json.loads((work / "kept.json").read_text())}
    return Outcome(texts, {name: "" for name in texts if name not in kept})


def scores(outcome: Outcome, threshold: float) -> dict[str, Any]:
    sets = {name: ngrams(text) for name, text in outcome.texts.items()}
    families: dict[str, list[str]] = defaultdict(list)
    for name in sets:
        families[name.partition("-")[0]].append(name)
    found: dict[str, list[bool]] = defaultdict(list)
    for members in families.values():
        base, *copies = members
        for copy in copies:
            similarity = jaccard(sets[base], sets[copy])
            both = base not in outcome.removed and copy not in outcome.removed
            for low, high in BUCKETS:
                if low <= similarity < high:
                    found[f"{low:g}-{min(high, 1):g}"].append(not both)
    right = [
        best(name, outcome, families[name.partition("-")[0]], sets) >= threshold
        for name in outcome.removed
    ]
    return {
        "pairs_found_by_similarity": {
            bucket: {"pairs": len(hits), "share": round(sum(hits) / len(hits), 4)}
            for bucket, hits in sorted(found.items())
        },
        "removed": len(right),
        "precision": round(sum(right) / len(right), 4) if right else None,
    }


def best(name: str, outcome: Outcome, family: list[str], sets: Mapping[str, set[str]]) -> float:
    """Similarity of a removed document to its leader; to the nearest that stays if none is told."""
    leader = outcome.removed[name]
    near = [leader] if leader else [other for other in family if other not in outcome.removed]
    return max((jaccard(sets[name], sets[other]) for other in near), default=0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bases", type=int, default=400)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--threshold", type=float, default=0.8)
    parser.add_argument("--peers", nargs="*", default=["datatrove", "data-juicer", "datasketch"])
    parser.add_argument("--venvs", type=Path, default=Path("/tmp"))
    parser.add_argument("--work", type=Path, default=Path("/tmp/xuxie-benchmarks"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    texts = planted(options.seed, options.bases)
    folder = options.work / "near/text"
    names = dict(zip(write(folder, texts), texts, strict=True))
    made = {"documents": len(texts), "threshold": options.threshold, "cleaners": {}}
    project = check_out(options.work / "near/project")
    made["cleaners"]["ours"] = scores(ours(project, folder, names), options.threshold)
    for name in options.peers:
        # datasketch shares datatrove's environment.
        _, runner, python = named(name, options.venvs)
        python = options.venvs / "peers-datatrove/bin/python" if name == "datasketch" else python
        work = options.work / "near" / name
        outcome = theirs(Peer(name, runner, python, "none"), folder, work, names, texts)
        made["cleaners"][name] = scores(outcome, options.threshold)
    print(json.dumps(made, ensure_ascii=False, indent=1))
    options.results.parent.mkdir(parents=True, exist_ok=True)
    options.results.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    main()
