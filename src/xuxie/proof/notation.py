"""YAML as DVC reads and writes it, in version 1.2: to PyYAML, of version 1.1, `3e-05` is a text."""

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

Unreadable = YAMLError


def read(text: str | bytes) -> Any:
    """
    Raises:
        Unreadable: it is no YAML.
    """
    return YAML(typ="safe", pure=True).load(text)
