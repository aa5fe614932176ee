"""`xuxie pairs`: any model on our own list, or on one that lies in a folder."""

from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from rich.text import Text

from xuxie.evaluate.minimal_pairs.compare import compared
from xuxie.evaluate.minimal_pairs.jsonl import read_folder
from xuxie.evaluate.minimal_pairs.pairs import read_pairs
from xuxie.evaluate.minimal_pairs.section import names
from xuxie.evaluate.settings import EvaluateSettings
from xuxie.model.directory import load_model, load_tokenizer


def show(settings: EvaluateSettings, source: Path, model: Path, console: Console) -> None:
    """Print the model's accuracy on the pairs of a list (.tsv) or of a folder (.jsonl)."""
    pairs = read_pairs(source) if source.suffix == ".tsv" else read_folder(source)
    torch.set_num_threads(settings.threads)
    console.print(
        table(compared(settings, load_model(model), load_tokenizer(model), pairs), source)
    )


def table(figures: dict[str, dict[str, Any]], source: Path) -> Table:
    made = Table(title=f"最小对立对 minimal pairs: {source}")
    for heading in ("现象 phenomenon", "正确率 accuracy", "区间 interval", "句对 pairs"):
        made.add_column(heading, justify="left" if heading.startswith("现象") else "right")
    for heading in ("每字 per character", "每词元 per token", "只数词元 tokens alone"):
        made.add_column(heading, justify="right")
    for key, row in figures.items():
        made.add_row(
            Text(" ".join(names(key)).strip()),
            f"{row['accuracy']:.1%}",
            f"{row['accuracy_low']:.1%}–{row['accuracy_high']:.1%}",
            str(row["pairs"]),
            f"{row['accuracy_per_character']:.1%}",
            f"{row['accuracy_per_token']:.1%}",
            f"{row['accuracy_token_count']:.1%}",
        )
    return made
