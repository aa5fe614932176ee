"""Compose conf/ into params.yaml, or keep what `dvc exp run` has just composed."""

import os
from pathlib import Path
from typing import Any

import yaml

from xuxie import config
from xuxie.params.compose import compose_text
from xuxie.store.files import write_text


def run(*, conf: Path, out: Path) -> None:
    """Write `out` from `conf`, refusing wrong values before any stage has worked with them."""
    if "DVC_EXP_NAME" in os.environ and out.exists():
        config.load(out)
        return
    text = compose_text(conf)
    composed = yaml.safe_load(text)
    config.check(composed)
    if out.exists():
        for line in changes(yaml.safe_load(out.read_text(encoding="utf-8")), composed):
            print(f"params.yaml: {line}")
    write_text(out, text)


def changes(old: Any, new: Any) -> list[str]:
    """`train.epochs: 2.0 -> 1.0` for each value that differs."""
    before, after = flat(old), flat(new)
    return [
        f"{key}: {before.get(key, '∅')} -> {after.get(key, '∅')}"
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    ]


def flat(values: Any, prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one mapping from dotted keys."""
    if not isinstance(values, dict):
        return {prefix: values}
    pairs: dict[str, Any] = {}
    for name, value in values.items():
        pairs |= flat(value, f"{prefix}.{name}" if prefix else name)
    return pairs
