"""conf/ plus overrides -> plain values, as DVC's own Hydra support composes them."""

from pathlib import Path
from typing import Any

import yaml
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.errors import HydraException, OverrideParseException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from xuxie import config
from xuxie.errors import Refusal, bad_parameters


def compose(directory: Path, overrides: list[str]) -> dict[str, Any]:
    """The resolved values of `directory`/config.yaml under `overrides`.

    Raises:
        Refusal: a key, an option or a file in it is wrong.
    """
    values: Any = OmegaConf.to_container(compose_tree(directory, overrides))
    return dict(values)


def compose_text(directory: Path) -> str:
    """params.yaml, byte for byte as `dvc exp run` writes it."""
    return OmegaConf.to_yaml(compose_tree(directory, []))


def compose_tree(directory: Path, overrides: list[str]) -> DictConfig:
    try:
        with initialize_config_dir(str(directory.resolve()), version_base=None):
            tree = hydra_compose("config", overrides=overrides)
        OmegaConf.resolve(tree)
    except (HydraException, OmegaConfBaseException, yaml.YAMLError) as error:
        raise refusal(error, directory, overrides) from None
    return tree


def refusal(error: Exception, directory: Path, overrides: list[str]) -> Refusal:
    message = " ".join(str(error).partition("Config search path")[0].split())
    chinese, english = hint(error, directory, overrides)
    return bad_parameters(
        f"conf/ 无法组合：{message}{chinese}", f"conf/ does not compose: {message}{english}"
    )


def hint(error: Exception, directory: Path, overrides: list[str]) -> tuple[str, str]:
    """What may have been meant, in Chinese and in English; nothing where it cannot be guessed."""
    if isinstance(error, OverrideParseException):
        # Hydra's grammar takes Chinese and most signs only inside quotes.
        name, _, value = error.override.partition("=")
        quoted = f"\"{name}='{value}'\""
        return (
            f"；含中文或符号的值要加引号：{quoted}",
            f"; quote a value with Chinese or signs: {quoted}",
        )
    near = nearest(directory, overrides) if overrides else ""
    return near and f"；最接近的是 {near}", near and f"; the nearest is {near}"


def nearest(directory: Path, overrides: list[str]) -> str:
    """What the first unknown override may have meant: an option of its group, or a key nearby."""
    known = keys(compose_tree(directory, []))
    for override in overrides:
        name, _, value = override.lstrip("+~").partition("=")
        if (directory / name).is_dir():
            options = [path.stem for path in (directory / name).glob("*.yaml")]
            if value not in options:
                return f"{name}={config.nearest(value, options)}"
        elif name not in known:
            parent = name.rpartition(".")[0]
            return config.nearest(
                name, [key for key in known if key.rpartition(".")[0] == parent] or known
            )
    return ""


def keys(tree: Any, prefix: str = "") -> list[str]:
    """Every dotted key of a composed tree."""
    found = []
    for name, value in tree.items():
        path = f"{prefix}{name}"
        found += [path, *(keys(value, f"{path}.") if isinstance(value, DictConfig) else [])]
    return found
