"""params.yaml is read back as it was composed, and refused where it is none."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from xuxie import config
from xuxie.errors import Refusal


def test_params_yaml_is_read(settings: Callable[..., config.Config], tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(settings().model_dump(), allow_unicode=True), encoding="utf-8")
    assert config.load(path) == settings()


def test_a_missing_params_yaml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        Refusal, match=r"请先运行 dvc repro params \| .*run dvc repro params"
    ) as caught:
        config.load(tmp_path / "params.yaml")
    assert caught.value.code == 64


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("train: [1\nsplit: 2", "不是合法的 YAML.*is not YAML"),
        ("", "params.yaml = None"),
        ("- 1\n", r"params.yaml = \[1\]"),
    ],
)
def test_a_params_yaml_that_is_no_mapping_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(Refusal, match=said) as caught:
        config.load(path)
    assert caught.value.code == 64
