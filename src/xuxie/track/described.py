"""The descriptions on MLflow's pages: what to look at first, in Chinese and in English."""

from pathlib import Path
from typing import Any

NOTE = "mlflow.note.content"
# Without it the UI asks, and opens on pages for prompts and traces.
KIND = ("mlflow.experimentKind", "custom_model_development")


def experiment_note() -> str:
    return Path(__file__).with_name("experiment.md").read_text(encoding="utf-8")


def run_note(params: dict[str, Any], changed: str) -> str:
    """Of a run: how large, on how much, and what differs from the commit it was made from."""
    facts = (
        f"{params['parameters']:,} 个参数 parameters"
        f" · {params['tokens']:,} 个训练词元 training tokens"
        f" · 词表 vocabulary {params['vocabulary']:,}"
    )
    rows = [facts, *([f"与提交不同 differs from its commit: `{changed}`"] if changed else [])]
    return "\n\n".join(rows)
