"""The tokenizers of a bake-off: the configured one, those of conf/experiment/tokenizer-*.yaml."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import yaml

from xuxie.config import Config, check
from xuxie.errors import Refusal, bad_parameters

OVERLAYS = Path("conf/experiment")
CONFIGURED = "configured"
PRETRAINED = Path("models/pretrained")
# What a tokenizer is made of, among the files of a model.
OF_A_TOKENIZER = ("*token*.json", "vocab*", "merges.txt", "*.model")


@dataclass(frozen=True)
class Candidate:
    """
    config: the project's own, with this tokenizer.
    given: folder of a vocabulary that is not learned.
    """

    name: str
    config: Config
    given: Path

    def needs_folder(self) -> bool:
        return self.config.tokenizer.kind in ("pretrained", "extended")

    def given_hash(self) -> str | None:
        """Of the given vocabulary's files; None where nothing is given."""
        if not self.needs_folder():
            return None
        names = {path for pattern in OF_A_TOKENIZER for path in self.given.glob(pattern)}
        hashed = hashlib.sha256()
        for path in sorted(names):
            hashed.update(path.name.encode() + b"\0" + path.read_bytes())
        return hashed.hexdigest()


def candidates(config: Config, root: Path, given: Path | None) -> list[Candidate]:
    """The configured tokenizer first, then those that differ from it and can be made here."""
    folder = given if given else root / PRETRAINED
    found = [
        Candidate(path.stem.removeprefix("tokenizer-"), with_overlay(config, path), folder)
        for path in sorted((root / OVERLAYS).glob("tokenizer-*.yaml"))
    ]
    same = [one for one in found if one.config.tokenizer == config.tokenizer]
    first = Candidate(same[0].name if same else CONFIGURED, config, root / PRETRAINED)
    others = [one for one in found if one not in same]
    left_out = [one.name for one in others if one.needs_folder() and not has_tokenizer(folder)]
    for name in left_out:
        print(
            f"不比 {name}：{folder} 里没有分词器；用 --given 目录 指定"
            f" | {name} is left out: no tokenizer in {folder}; name one with --given FOLDER"
        )
    kept = [first, *(one for one in others if one.name not in left_out)]
    if len(kept) < 2:
        raise nothing_to_compare()
    return kept


def has_tokenizer(folder: Path) -> bool:
    return (folder / "tokenizer_config.json").is_file()


def with_overlay(config: Config, path: Path) -> Config:
    """The settings with the tokenizer of an overlay.

    Raises:
        Refusal: the overlay sets anything else, so that more than tokenizers would be compared.
    """
    asked = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(asked, dict) or asked.keys() != {"tokenizer"}:
        raise not_only_a_tokenizer(path)
    values = config.model_dump()
    values["tokenizer"] |= asked["tokenizer"]
    return check(values)


def not_only_a_tokenizer(path: Path) -> Refusal:
    return bad_parameters(
        f"{path} 只能有 tokenizer 一节，否则比的不只是分词器",
        f"{path} may hold the section tokenizer alone: else more than tokenizers is compared",
    )


def nothing_to_compare() -> Refusal:
    return bad_parameters(
        f"没有别的分词器可比；请在 {OVERLAYS} 里写 tokenizer-名称.yaml",
        f"no other tokenizer to compare; write {OVERLAYS}/tokenizer-NAME.yaml",
    )
