"""A model's bits on every document of the validation split, as `evaluate` scores it."""

from pathlib import Path

import pyarrow.parquet as pq
import torch

from xuxie.evaluate.documents import by_document
from xuxie.evaluate.score import scored
from xuxie.evaluate.settings import EvaluateSettings
from xuxie.evaluate.texts import read_texts
from xuxie.model.directory import load_model, load_tokenizer


def score_val(settings: EvaluateSettings, model: Path, splits: Path, out: Path) -> None:
    """Write a row for each document; choosing by val leaves test for the choice's own score."""
    torch.set_num_threads(settings.threads)
    split = splits / "val.parquet"
    texts = read_texts(split)
    scores = scored(settings, load_model(model), load_tokenizer(model), texts)
    table = by_document(split, texts, scores, frozen=False)
    partial = out.with_name(f".{out.name}.tmp")
    pq.write_table(table, partial, compression="zstd")
    partial.replace(out)
