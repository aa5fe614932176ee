"""Score the model on val and test beside its baselines; write figures, a picture, a report."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xuxie.evaluate.baselines import baselines, within
from xuxie.evaluate.minimal_pairs.compare import compared
from xuxie.evaluate.minimal_pairs.pairs import read_pairs
from xuxie.evaluate.report import page
from xuxie.evaluate.score import Scores, score
from xuxie.evaluate.settings import EvaluateSettings
from xuxie.evaluate.tables import ALL, Texts, figures
from xuxie.evaluate.windows import Window, windows
from xuxie.model.directory import context_of, load_model, load_tokenizer
from xuxie.model.memory import keep_freed_memory
from xuxie.store.files import write_csv, write_json, write_text
from xuxie.store.manifest import fingerprint_of
from xuxie.store.records import read_table
from xuxie.tokenizer.encode import boundary, encode
from xuxie.track.run import Run, joined_run
from xuxie.track.settings import TrackSettings

PARTS = ("val", "test")


def run(
    settings: EvaluateSettings,
    tracking: TrackSettings,
    *,
    model: Path,
    splits: Path,
    pairs: Path,
    curves: Path,
    metrics: Path,
    plot: Path,
    report: Path,
) -> None:
    torch.set_num_threads(settings.threads)
    keep_freed_memory()
    fingerprint = fingerprint_of(model)
    with joined_run(tracking, "evaluate", fingerprint) as tracked:
        parts = {part: read_texts(splits / f"{part}.parquet") for part in PARTS}
        network, words = load_model(model), load_tokenizer(model)
        result: dict[str, Any] = {
            part: figures(scored(settings, network, words, texts), texts, settings.bootstrap)
            for part, texts in parts.items()
        }
        train = read_table(splits / "train.parquet", ["text"])["text"].to_pylist()
        read = within(train, settings.baseline_characters)
        result["baselines"] = baselines(read, parts, settings.ngram_order)
        result["minimal_pairs"] = compared(settings, network, words, read_pairs(pairs))
        write_json(metrics, result)
        write_csv(plot, ("bar", "source", "method", "bits_per_character"), bars(result))
        write_text(report, page(result, curves.read_text(), fingerprint))
        tell(tracked, result, report, metrics)


def read_texts(path: Path) -> Texts:
    """A split's documents, the groups together and each in its order."""
    table = read_table(path, ["text", "source", "group", "position"])
    groups = table["group"].combine_chunks().dictionary_encode().indices
    table = table.append_column("number", groups).sort_by(
        [("number", "ascending"), ("position", "ascending")]
    )
    return Texts(
        texts=table["text"].to_pylist(),
        sources=table["source"].to_pylist(),
        groups=table["number"].to_numpy(),
    )


def scored(
    settings: EvaluateSettings,
    model: PreTrainedModel,
    words: PreTrainedTokenizerBase,
    texts: Texts,
) -> Scores:
    context = context_of(model)
    stride = max(1, round(settings.stride * context))
    tokens = encode(words, texts.texts)
    found: list[Window] = []
    starts = [0, *(texts.groups[1:] != texts.groups[:-1]).nonzero()[0] + 1, len(tokens)]
    for begin, end in pairwise(starts):
        found += windows(
            tokens[begin:end], begin, boundary=boundary(words), context=context, stride=stride
        )
    return score(model, found, len(tokens), batch=settings.batch)


def bars(result: dict[str, Any]) -> list[tuple[str, str, str, float]]:
    """Label, source, method and bits per character on the test split, for `dvc plots`."""
    rows = [(name, "model", row["bits_per_character"]) for name, row in result["test"].items()]
    for method, values in result["baselines"]["test"].items():
        rows += [(name, method, bits) for name, bits in values.items()]
    return [(f"{name} · {method}", name, method, bits) for name, method, bits in rows]


def tell(tracked: Run, result: dict[str, Any], report: Path, metrics: Path) -> None:
    """The figures that runs are compared by; all of them lie beside the report."""
    for part in PARTS:
        everything = result[part][ALL]
        kept = ("bits_per_character", "bits_per_character_low", "bits_per_character_high")
        values = {f"{part}/{key}": float(everything[key]) for key in kept}
        values[f"{part}/next_token_accuracy"] = everything["next_token_accuracy"]
        for name, row in result[part].items():
            if name != ALL:
                values[f"{part}/{name}/bits_per_character"] = row["bits_per_character"]
        for method, scores in result["baselines"][part].items():
            values[f"{part}/baselines/{method}"] = scores[ALL]
        tracked.metrics(values)
    tracked.metrics({"pairs/accuracy": float(result["minimal_pairs"][ALL]["accuracy"])})
    tracked.artifact(report, "report")
    tracked.artifact(metrics, "report")
