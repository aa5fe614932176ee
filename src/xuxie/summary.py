"""What `make run` ends with: scores beside the baselines, samples, cost, and where to look next."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from xuxie.errors import Refusal, bad_data
from xuxie.store.journal import entries

# What each stage leaves behind, to weigh it.
OUTPUTS = {
    "fetch": ("data/raw/demo", "models/pretrained"),
    "ingest": ("data/documents", "data/arrivals"),
    "clean": ("data/clean", "reports/clean.html"),
    "split": ("data/splits", "reports/split.html"),
    "tokenizer": ("data/tokens", "models/tokenizer"),
    "train": ("models/gpt",),
    "evaluate": ("data/scores", "reports/evaluate.html"),
    "generate": ("samples",),
}

RESULTS = ("metrics/evaluate.json", "samples/samples.jsonl")


def show(root: Path, console: Console) -> None:
    """Print the summary of the results that lie below `root`.

    Raises:
        Refusal: the pipeline has not run yet.
    """
    missing = [path for path in RESULTS if not (root / path).is_file()]
    if missing:
        raise nothing_to_show(missing[0])
    console.print(scores(read(root / "metrics/evaluate.json")))
    console.print(costs(root))
    samples = (root / "samples/samples.jsonl").read_text(encoding="utf-8").splitlines()
    # The terminal breaks the lines: there are no spaces in Chinese to break them at.
    console.print(continuations([json.loads(line) for line in samples]), soft_wrap=True)
    console.print("报告 report      reports/evaluate.html   samples/samples.html")
    console.print("比较 compare     make ui          （MLflow，本机浏览器 in your browser）")
    console.print('续写 continue    .venv/bin/xuxie generate "今天天气很好。" -n 5')


def nothing_to_show(path: str) -> Refusal:
    return bad_data(
        f"还没有结果（缺 {path}）；请先运行 xuxie pipeline",
        f"there are no results yet (no {path}); run xuxie pipeline first",
    )


def read(path: Path) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result


def scores(result: dict[str, Any]) -> Table:
    """Bits per character on the test split, by source."""
    baselines: dict[str, dict[str, float]] = result["baselines"]["test"]
    table = Table(
        title="测试集：比特/字符，越低越好  Test split: bits per character, lower is better"
    )
    for name in ("来源 source", "续写 xuxie", "区间 interval", *baselines):
        table.add_column(name, justify="left" if name.startswith("来源") else "right")
    for source, row in result["test"].items():
        low, high = row["bits_per_character_low"], row["bits_per_character_high"]
        table.add_row(
            Text(source),
            f"{row['bits_per_character']:.3f}",
            f"{low:.3f}–{high:.3f}",
            *(f"{values[source]:.3f}" for values in baselines.values()),
        )
    return table


def costs(root: Path) -> Table:
    """Seconds and peak memory of each stage when it last ran, and the size of what it wrote."""
    table = Table(title="各阶段 Stages")
    for name in ("阶段 stage", "秒 seconds", "内存 peak MiB", "产出 output MiB"):
        table.add_column(name, justify="left" if name.startswith("阶段") else "right")
    latest = {entry["stage"]: entry for entry, _ in entries(root / "runs/stages.jsonl")}
    for stage, outputs in OUTPUTS.items():
        entry = latest.get(stage, {})
        size = sum(weight(root / output) for output in outputs) / 2**20
        table.add_row(
            stage, f"{entry.get('seconds', '–')}", f"{entry.get('peak_mib', '–')}", f"{size:.1f}"
        )
    return table


def weight(path: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def continuations(samples: list[dict[str, Any]]) -> Text:
    text = Text("\n")
    for sample in samples:
        text.append(f"{sample['number'] + 1}. ")
        text.append(sample["prompt"], style="bold blue")
        text.append(f"{sample['text']}{'' if sample['finished'] else '……'}\n\n")
    return text
