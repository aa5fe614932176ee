"""py-data-juicer 1.6.1 on JSONL shards by `dj-process`; run by peers.py in its own venv.

`chinese`: the operators' own bounds, but form NFC and character shingles, as the deduplicator's
documentation advises for Chinese; operators that need a model to be downloaded are left out.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

MINHASH = "document_minhash_deduplicator"
NAMES = (
    "fix_unicode_mapper",
    "whitespace_normalization_mapper",
    "alphanumeric_filter",
    "character_repetition_filter",
    "special_characters_filter",
    "text_length_filter",
    MINHASH,
)
CHINESE: dict[str, dict[str, Any]] = {
    "fix_unicode_mapper": {"normalization": "NFC"},
    "alphanumeric_filter": {"tokenization": False},
    "text_length_filter": {"min_len": 10, "max_len": 200_000},
    MINHASH: {"tokenization": "character", "window_size": 5, "jaccard_threshold": 0.8},
}
PRESETS = ("chinese", "default", "none")


def process(preset: str) -> list[dict[str, dict[str, Any]]]:
    names = [MINHASH] if preset == "none" else NAMES
    return [{name: {} if preset == "default" else CHINESE.get(name, {})} for name in names]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--preset", choices=PRESETS, default="chinese")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    options.work.mkdir(parents=True)
    config = {
        "project_name": "peers",
        "dataset_path": str(options.shards.resolve()),
        "export_path": str(options.work.resolve() / "kept.jsonl"),
        "np": options.workers,
        "text_keys": "text",
        "use_cache": False,
        "process": process(options.preset),
    }
    recipe = options.work / "recipe.yaml"
    recipe.write_text(yaml.safe_dump(config))
    command = [str(Path(sys.executable).parent / "dj-process"), "--config", str(recipe)]
    subprocess.run(command, check=True)
    with (options.work / "kept.jsonl").open(encoding="utf-8") as file:
        ids = sorted(json.loads(line)["id"] for line in file)
    (options.work / "kept.json").write_text(json.dumps(ids))


if __name__ == "__main__":
    main()
