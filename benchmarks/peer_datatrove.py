"""datatrove 0.10.1 on JSONL shards: normalise, filter, MinHash; run by peers.py in its own venv.

The Chinese thresholds are those of FineWeb-2, configs/cmn_Hani.yml and fineweb-2-pipeline.py
(https://github.com/huggingface/fineweb-2), where the C4 filters are off.
"""

import argparse
import json
import shutil
from pathlib import Path

from datatrove.executor.local import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.dedup import MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from datatrove.pipeline.formatters import FTFYFormatter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers.jsonl import JsonlWriter
from datatrove.utils.hashing import HashConfig

# datatrove assigns its Chinese word segmenter (spaCy with jieba) to this code.
LANGUAGE = {"chinese": "zho_Hani", "default": "eng_Latn", "none": "zho_Hani"}
STOP_WORDS = "的 年 在 月 是 和 日 了 於 · 為 有 被 人 中 为 他 與 後 也 而 由".split()


def filters(preset: str) -> list[PipelineStep]:
    if preset == "none":
        return []
    if preset == "default":
        return [
            FTFYFormatter(),
            GopherRepetitionFilter(),
            GopherQualityFilter(),
            C4QualityFilter(),
            FineWebQualityFilter(),
        ]
    language = LANGUAGE[preset]
    return [
        FTFYFormatter(normalization="NFC"),
        GopherRepetitionFilter(
            language=language,
            dup_para_frac=0,
            dup_line_char_frac=0,
            dup_para_char_frac=0,
            dup_line_frac=0.287,
            top_n_grams=((2, 0.256), (3, 0.201), (4, 0.171)),
            dup_n_grams=((5, 0.198), (6, 0.182), (7, 0.167), (8, 0.154), (9, 0.14), (10, 0.127)),
        ),
        FineWebQualityFilter(
            language=language,
            short_line_thr=999,
            char_duplicates_ratio=0.1,
            line_punct_thr=0.106,
            new_line_ratio=0.178,
        ),
        GopherQualityFilter(
            language=language,
            max_avg_word_length=5,
            min_avg_word_length=1,
            stop_words=STOP_WORDS,
            max_non_alpha_words_ratio=0.735,
            min_stop_words=2,
        ),
    ]


def run(shards: Path, work: Path, preset: str, workers: int) -> None:
    config = MinhashConfig(
        n_grams=5,
        num_buckets=14,
        hashes_per_bucket=8,
        hash_config=HashConfig(hash_fc="xxhash", precision=64),
    )
    filtered, signatures = str(work / "filtered"), str(work / "signatures")
    buckets, removed = str(work / "buckets"), str(work / "removed")
    signed = MinhashDedupSignature(signatures, config=config, language=LANGUAGE[preset])
    # The first and the last steps read the same files with the same number of tasks.
    files = len(list(shards.glob("*.jsonl")))
    steps: list[tuple[list[PipelineStep], int]] = [
        (
            [
                JsonlReader(str(shards)),
                *filters(preset),
                JsonlWriter(filtered, output_filename="${rank}.jsonl", compression=None),
            ],
            files,
        ),
        ([JsonlReader(filtered), signed], files),
        ([MinhashDedupBuckets(signatures, buckets, config=config)], config.num_buckets),
        ([MinhashDedupCluster(buckets, removed, config=config)], 1),
        (
            [
                JsonlReader(filtered),
                MinhashDedupFilter(removed),
                JsonlWriter(str(work / "kept"), output_filename="${rank}.jsonl", compression=None),
            ],
            files,
        ),
    ]
    for number, (pipeline, tasks) in enumerate(steps):
        if number and not list((work / "filtered").glob("*.jsonl")):
            return  # the filters left nothing, which datatrove's reader takes for an error
        logs = str(work / "logs" / str(number))
        LocalPipelineExecutor(pipeline, tasks=tasks, workers=workers, logging_dir=logs).run()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--preset", choices=sorted(LANGUAGE), default="chinese")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    run(options.shards.resolve(), options.work.resolve(), options.preset, options.workers)
    lines = (
        line
        for path in (options.work / "kept").glob("*.jsonl")
        for line in path.open(encoding="utf-8")
    )
    ids = sorted(json.loads(line)["id"] for line in lines)
    (options.work / "kept.json").write_text(json.dumps(ids))


if __name__ == "__main__":
    main()
