"""All settings together: reads params.yaml, checks it whole, and says what is wrong in one line."""

import difflib
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from xuxie.clean.settings import CleanSettings
from xuxie.engine.settings import EngineSettings
from xuxie.errors import Refusal, bad_parameters
from xuxie.evaluate.settings import EvaluateSettings
from xuxie.fetch.settings import FetchSettings
from xuxie.generate.settings import GenerateSettings
from xuxie.ingest.settings import IngestSettings
from xuxie.model.settings import ModelSettings
from xuxie.retrain.settings import RetrainSettings
from xuxie.section import Section
from xuxie.split.settings import SplitSettings
from xuxie.tokenizer.settings import TokenizerSettings
from xuxie.track.settings import TrackSettings
from xuxie.train.settings import TrainSettings
from xuxie.tune.settings import TuneSettings


class Config(Section):
    """One field a room, named as the room, its group in conf/ and its stage in dvc.yaml."""

    fetch: FetchSettings
    ingest: IngestSettings
    clean: CleanSettings
    split: SplitSettings
    tokenizer: TokenizerSettings
    model: ModelSettings
    train: TrainSettings
    evaluate: EvaluateSettings
    generate: GenerateSettings
    engine: EngineSettings
    track: TrackSettings
    tune: TuneSettings
    retrain: RetrainSettings


def load(path: Path) -> Config:
    """The settings in `path` (params.yaml).

    Raises:
        Refusal: (exit code 64) the file is missing or no YAML, or a value in it is wrong.
    """
    if not path.is_file():
        raise bad_parameters(
            f"没有 {path}；请先运行 dvc repro params", f"no {path}; run dvc repro params first"
        )
    try:
        return check(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise bad_parameters(
            f"{path} 不是合法的 YAML：{reason}", f"{path} is not YAML: {reason}"
        ) from None


def check(values: Any) -> Config:
    """`values` as settings, or a refusal that names every wrong key, its range, its neighbours."""
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        raise refusal(error) from None


def refusal(error: ValidationError) -> Refusal:
    details = error.errors(include_url=False)
    chinese = "；".join(explain(detail, "zh") for detail in details)
    english = "; ".join(explain(detail, "en") for detail in details)
    return bad_parameters(f"参数有误：{chinese}", f"wrong parameters: {english}")


def explain(detail: Any, language: str) -> str:
    """One wrong key in words: `train.epochs = -1 (allowed: float, > 0)`."""
    names = [str(part) for part in detail["loc"]]
    key = ".".join(names) or "params.yaml"
    chinese = language == "zh"
    match detail["type"]:
        case "extra_forbidden":
            hint = ".".join([*names[:-1], nearest(names[-1], siblings(names))])
            return (
                f"没有 {key}，最接近的是 {hint}" if chinese else f"no key {key}, nearest is {hint}"
            )
        case "missing":
            return f"缺少 {key}" if chinese else f"{key} is missing"
        case "value_error":
            rule = detail["ctx"]["error"]
            return f"{key} 必须满足 {rule}" if chinese else f"{key} must satisfy {rule}"
    allowed = allowed_values(names) or detail["msg"]
    if chinese:
        return f"{key} = {detail['input']!r}（允许：{allowed}）"
    return f"{key} = {detail['input']!r} (allowed: {allowed})"


def nearest(name: str, known: list[str]) -> str:
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.0)), "")


def siblings(names: list[str]) -> list[str]:
    """The valid keys beside the last of `names`."""
    section = section_at(names[:-1])
    return sorted(section.model_fields) if section else []


def section_at(names: list[str]) -> type[Section] | None:
    section: type[Section] | None = Config
    for name in names:
        field = section.model_fields.get(name) if section else None
        section = section_type(field) if field else None
    return section


def section_type(field: FieldInfo) -> type[Section] | None:
    """The settings class of a nested field, through `X | None`."""
    kinds = getattr(field.annotation, "__args__", (field.annotation,))
    return next((k for k in kinds if isinstance(k, type) and issubclass(k, Section)), None)


def allowed_values(names: list[str]) -> str:
    """The bounds or choices of a key in signs that need no translation: `> 0, <= 1`."""
    section = section_at(names[:-1]) if names else None
    field = section.model_fields.get(names[-1]) if section else None
    if field is None:
        return ""
    signs = {
        "gt": ">",
        "ge": ">=",
        "lt": "<",
        "le": "<=",
        "pattern": "~",
        "min_length": "长度 length >=",
    }
    bounds = [
        f"{sign} {getattr(rule, name)}"
        for rule in field.metadata
        for name, sign in signs.items()
        if getattr(rule, name, None) is not None
    ]
    choices = getattr(field.annotation, "__args__", ())
    kind = getattr(field.annotation, "__name__", "")
    if choices and all(isinstance(choice, str) for choice in choices):
        return " | ".join(choices)
    return ", ".join([kind, *bounds]) if kind else ", ".join(bounds)
