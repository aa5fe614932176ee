"""What config says about wrong values: every key, its bounds, its neighbours, in two languages."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from xuxie import config
from xuxie.errors import Refusal
from xuxie.params.compose import compose

Values = dict[str, Any]
MISSING = object()


@pytest.fixture(scope="session")
def composed(root: Path) -> Values:
    return compose(root / "conf", [])


@pytest.fixture
def refused(composed: Values) -> Callable[..., tuple[str, str]]:
    """What is said in Chinese and in English when `changes` ({dotted key: value}) are made."""

    def said(changes: Values) -> tuple[str, str]:
        with pytest.raises(Refusal) as caught:
            config.check(changed(composed, changes))
        assert caught.value.code == 64
        chinese, english = str(caught.value).split(" | wrong parameters: ")
        return chinese.removeprefix("参数有误："), english

    return said


Refused = Callable[[Values], tuple[str, str]]


def changed(values: Values, changes: Values) -> Values:
    values = deepcopy(values)
    for key, value in changes.items():
        *path, last = key.split(".")
        section = values
        for name in path:
            section = section[name]
        section.pop(last, None)
        section |= {} if value is MISSING else {last: value}
    return values


def test_the_committed_conf_is_right(composed: Values) -> None:
    assert config.check(composed).model_dump() == composed


def test_divided_gradients_are_not_scaled(refused: Refused) -> None:
    for said in refused({"train.precision": "fp16", "train.strategy": "fsdp"}):
        assert "train.precision != fp16 with train.strategy = fsdp" in said


def test_settings_cannot_be_changed(settings: Callable[..., config.Config]) -> None:
    with pytest.raises(ValueError, match="frozen"):
        # What the type checker forbids is what is tested.
        settings().train.seed = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("tran", "train"),
        ("train.epoch", "train.epochs"),
        ("train.optimizer.warm_up", "train.optimizer.warmup"),
        ("fetch.statutes.name", "fetch.statutes.names"),
        ("fetch.reviews.package.sha", "fetch.reviews.package.sha256"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest(refused: Refused, key: str, nearest: str) -> None:
    assert refused({key: 1}) == (
        f"没有 {key}，最接近的是 {nearest}",
        f"no key {key}, nearest is {nearest}",
    )


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("train.epochs", -1.5, "float, > 0, <= 10000"),
        ("train.seed", 2**63, "int, >= 0, < 9223372036854775808"),
        ("split.val", 0.0, "float, > 0, < 1"),
        ("clean.quality.min_han_share", 1.01, "float, >= 0, <= 1"),
        ("tokenizer.vocabulary", 256, "int, >= 257, <= 1000000"),
        ("evaluate.bootstrap.confidence", 0.5, "float, > 0.5, < 1"),
        ("fetch.statutes.statuses", [], "list, 长度 length >= 1"),
        ("ingest.fields.text", "", "str, 长度 length >= 1"),
        ("fetch.statutes.package.sha256", "abc", "str, ~ ^[0-9a-f]{64}$"),
    ],
)
def test_a_value_out_of_range_is_named_with_its_bounds(
    refused: Refused, key: str, value: object, allowed: str
) -> None:
    chinese, english = refused({key: value})
    assert chinese == f"{key} = {value!r}（允许：{allowed}）"
    assert english == f"{key} = {value!r} (allowed: {allowed})"


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("train.batch", "8", "int"),
        ("train.batch", 8.0, "int"),
        ("train.batch", True, "int"),
        ("train.epochs", float("inf"), "float"),
        ("track.enabled", "yes", "bool"),
        ("split.salt", None, "str"),
        ("train", 5, "TrainSettings"),
        ("fetch.statutes.statuses.0", 3, "valid string"),
        ("fetch.statutes", "demo", "Statutes"),
    ],
)
def test_a_value_of_the_wrong_type_is_named(
    refused: Refused, key: str, value: object, allowed: str
) -> None:
    change = {"fetch.statutes.statuses": [value]} if key.endswith("0") else {key: value}
    for said in refused(change):
        assert said.startswith(f"{key} = {value!r}")
        assert allowed in said


@pytest.mark.parametrize(
    ("key", "choices"),
    [
        ("ingest.on_error", "stop | quarantine"),
        ("train.precision", "auto | fp32 | bf16 | fp16"),
        ("fetch.pretrained.kind", "none | folder | hub | package"),
    ],
)
def test_choices_are_listed(refused: Refused, key: str, choices: str) -> None:
    chinese, english = refused({key: "other"})
    assert chinese == f"{key} = 'other'（允许：{choices}）"
    assert english == f"{key} = 'other' (allowed: {choices})"


@pytest.mark.parametrize("key", ["clean", "clean.duplicates", "train.optimizer.clip"])
def test_a_missing_key_is_named(refused: Refused, key: str) -> None:
    assert refused({key: MISSING}) == (f"缺少 {key}", f"{key} is missing")


@pytest.mark.parametrize(
    ("changes", "section", "rule"),
    [
        ({"split.val": 0.5, "split.test": 0.5}, "split", "split.val + split.test < 1"),
        ({"model.width": 100, "model.heads": 3}, "model", "model.width % model.heads == 0"),
        (
            {"train.optimizer.warmup": 0.6, "train.optimizer.decay": 0.6},
            "train.optimizer",
            "train.optimizer.warmup + train.optimizer.decay <= 1",
        ),
        (
            {"generate.min_new_tokens": 51, "generate.max_new_tokens": 50},
            "generate",
            "generate.min_new_tokens <= generate.max_new_tokens",
        ),
        ({"fetch.statutes.names": "银行("}, "fetch.statutes.names", "a regular expression"),
    ],
)
def test_a_broken_rule_is_told(refused: Refused, changes: Values, section: str, rule: str) -> None:
    chinese, english = refused(changes)
    assert chinese.startswith(f"{section} 必须满足 {rule}")
    assert english.startswith(f"{section} must satisfy {rule}")


@pytest.mark.parametrize(
    "changes",
    [
        {"split.val": 0.5, "split.test": 0.49},
        {"train.optimizer.warmup": 0.5, "train.optimizer.decay": 0.5},
        {"generate.min_new_tokens": 50, "generate.max_new_tokens": 50},
    ],
)
def test_a_rule_holds_up_to_its_bound(composed: Values, changes: Values) -> None:
    assert config.check(changed(composed, changes))


def test_every_wrong_key_is_told_in_one_line(refused: Refused) -> None:
    for said in refused({"train.epochs": 0, "trac": 1, "split": MISSING}):
        assert "\n" not in said
        assert [key for key in ("train.epochs", "trac", "split") if key in said] == [
            "train.epochs",
            "trac",
            "split",
        ]
