"""datasketch's MinHash and LSH on JSONL shards: the first of near-duplicates stays; own venv."""

import argparse
import json
from pathlib import Path

from datasketch import MinHash, MinHashLSH

BANDS, ROWS, NGRAM = 14, 8, 5


def signature(text: str) -> MinHash:
    made = MinHash(num_perm=BANDS * ROWS)
    size = max(1, len(text) - NGRAM + 1)
    made.update_batch({text[i : i + NGRAM].encode() for i in range(size)})
    return made


def kept(shards: Path) -> list[str]:
    """Ids of the documents of which no earlier one that stays has a band in common."""
    index = MinHashLSH(num_perm=BANDS * ROWS, params=(BANDS, ROWS))
    stay = []
    for path in sorted(shards.glob("*.jsonl")):
        with path.open(encoding="utf-8") as file:
            for row in map(json.loads, file):
                made = signature(row["text"])
                if not index.query(made):
                    index.insert(row["id"], made)
                    stay.append(row["id"])
    return stay


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--preset", choices=["none"], default="none")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    (options.work / "kept.json").write_text(json.dumps(kept(options.shards)))


if __name__ == "__main__":
    main()
