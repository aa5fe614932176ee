"""The best trial as an experiment of conf/, to be run like any other."""

from pathlib import Path
from typing import Any

import yaml

from xuxie.errors import Refusal, bad_parameters
from xuxie.store.files import write_text
from xuxie.tune.space import Values

MARK = "# Written by xuxie tune"


def check_free(path: Path) -> None:
    """
    Raises:
        Refusal: somebody has written `path` by hand.
    """
    if path.exists() and MARK not in path.read_text(encoding="utf-8"):
        raise taken(path)


def write_winner(path: Path, values: Values, about: str) -> None:
    """An overlay that sets `values`; `about` says where they come from."""
    tree: dict[str, Any] = {}
    for key, value in values.items():
        *parents, last = key.split(".")
        section = tree
        for name in parents:
            section = section.setdefault(name, {})
        section[last] = value
    text = yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)
    write_text(path, f"# @package _global_\n{MARK}: {about}\n{text}")


def taken(path: Path) -> Refusal:
    return bad_parameters(
        f"{path} 已存在，且不是 xuxie tune 写的；请换一个名字",
        f"{path} exists and was not written by xuxie tune; take another name",
    )
