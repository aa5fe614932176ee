"""The descriptions on MLflow's pages: what to look at first, in Chinese and in English."""

import json
from pathlib import Path
from typing import Any

NOTE = "mlflow.note.content"
VIEW = "xuxie"
# Without it the UI asks, and opens on pages for prompts and traces.
KIND = ("mlflow.experimentKind", "custom_model_development")


def view() -> str:
    """The columns and the order in which the UI shows the runs at the address that names VIEW."""
    scores = ("best/val_bits_per_character", "test/bits_per_character", "pairs/accuracy")
    columns = ["attributes.`Created`", *(f"metrics.`{name}`" for name in scores)]
    order = {"orderByKey": f"metrics.`{scores[0]}`", "orderByAsc": True}
    return json.dumps({"selectedColumns": [*columns, "tags.`xuxie.changed`"]} | order)


def experiment_tags() -> dict[str, str]:
    return {NOTE: experiment_note(), KIND[0]: KIND[1], f"mlflow.sharedViewState.{VIEW}": view()}


def runs_page(experiment_id: str) -> str:
    """The part of the UI's address behind the server, on the pages for training."""
    place = f"/#/experiments/{experiment_id}/runs"
    return f"{place}?workflowType=machine_learning&viewStateShareKey={VIEW}"


def experiment_note() -> str:
    return Path(__file__).with_name("experiment.md").read_text(encoding="utf-8")


def run_note(params: dict[str, Any], changed: list[str]) -> str:
    """Of a run: how large, on how much, and what differs from the commit it was made from."""
    facts = (
        f"{params['parameters']:,} 个参数 parameters"
        f" · {params['tokens']:,} 个训练词元 training tokens"
        f" · 词表 vocabulary {params['vocabulary']:,}"
    )
    rows = [
        facts,
        *([f"与提交不同 differs from its commit: `{', '.join(changed)}`"] if changed else []),
    ]
    return "\n\n".join(rows)
