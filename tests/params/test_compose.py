"""conf/ composes as DVC composes it; what is wrong is named with what was meant."""

import shutil
from pathlib import Path

import pytest
from dvc.utils.hydra import compose_and_dump

from xuxie import config
from xuxie.errors import Refusal
from xuxie.params.compose import compose, compose_text

CONF = Path(__file__).parents[2] / "conf"
OPTIONS = [f"{path.parent.name}={path.stem}" for path in sorted(CONF.glob("*/*.yaml"))]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """conf/, to be spoilt."""
    return Path(shutil.copytree(CONF, tmp_path / "conf"))


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_of_every_group_composes_and_is_right(option: str) -> None:
    assert config.check(compose(CONF, [option]))


def test_an_override_changes_its_value_only() -> None:
    before, after = compose(CONF, []), compose(CONF, ["train.optimizer.clip=0.5"])
    assert before["train"]["optimizer"].pop("clip") == 1.0
    assert after["train"]["optimizer"].pop("clip") == 0.5
    assert before == after


def test_an_option_brings_its_whole_file() -> None:
    assert compose(CONF, ["model=tiny"])["model"]["preset"] == "tiny"
    assert compose(CONF, ["fetch=none"])["fetch"]["statutes"] is None


def test_an_experiment_stands_above_the_options_and_below_overrides() -> None:
    values = compose(CONF, ["experiment=smoke", "tokenizer.vocabulary=900"])
    assert values["model"]["preset"] == "tiny"
    assert values["train"]["epochs"] == 0.5
    assert values["tokenizer"]["vocabulary"] == 900


def test_values_that_refer_to_others_are_resolved() -> None:
    assert compose(CONF, ["train.threads=7"])["evaluate"]["threads"] == 7


def test_the_text_is_what_dvc_itself_writes(tmp_path: Path) -> None:
    theirs = tmp_path / "params.yaml"
    compose_and_dump(theirs, str(CONF), None, "config", str(tmp_path), [])
    assert compose_text(CONF).encode() == theirs.read_bytes()


@pytest.mark.parametrize(
    ("overrides", "nearest"),
    [
        (["train.sede=2"], "train.seed"),
        (["trian.seed=2"], "train.seed"),
        (["train.optimizer.cilp=2"], "train.optimizer.clip"),
        (["model=tyni"], "model=tiny"),
        (["experiment=domain-finanse"], "experiment=domain-finance"),
        (["model=tiny", "train.seed=2", "split.vall=0.1"], "split.val"),
        (["~split.slat"], "split.salt"),
    ],
)
def test_an_unknown_override_is_named_with_the_nearest(overrides: list[str], nearest: str) -> None:
    with pytest.raises(Refusal) as caught:
        compose(CONF, overrides)
    chinese, english = str(caught.value).split(" | ")
    assert chinese.startswith("conf/ 无法组合：") and chinese.endswith(f"最接近的是 {nearest}")
    assert english.startswith("conf/ does not") and english.endswith(f"the nearest is {nearest}")
    assert caught.value.code == 64


def test_an_override_of_known_keys_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(Refusal, match=r"alternative at input '\[1'") as caught:
        compose(CONF, ["train.seed=[1"])
    assert "nearest" not in str(caught.value)


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("config.yaml", "defaults: [fetch: dmeo]", "fetch/dmeo"),
        ("split/default.yaml", "val: [0.05\ntest: 1", "split/default.yaml"),
        ("split/default.yaml", "val: ${nope.key}", "nope.key"),
    ],
    ids=["option", "yaml", "reference"],
)
@pytest.mark.parametrize("overrides", [[], ["train.sede=2"]])
def test_a_broken_conf_is_told_in_one_line(
    copy: Path, file: str, text: str, said: str, overrides: list[str]
) -> None:
    (copy / file).write_text(text)
    with pytest.raises(Refusal, match=said) as caught:
        compose(copy, overrides)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", ["银行|证券", "银行", "a{b"])
def test_a_value_that_hydra_cannot_read_is_shown_in_quotes(root: Path, value: str) -> None:
    with pytest.raises(Refusal) as refused:
        compose(root / "conf", [f"fetch.statutes.names={value}"])
    assert refused.value.code == 64
    assert f"\"fetch.statutes.names='{value}'\"" in str(refused.value)
    quoted = compose(root / "conf", [f"fetch.statutes.names='{value}'"])
    assert quoted["fetch"]["statutes"]["names"] == value
