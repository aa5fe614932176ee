"""The stage: every split tokenized by the learned tokenizer, or by the given one."""

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from conftest import Outputs, Settings
from xuxie.errors import ExitCode, Refusal
from xuxie.store.manifest import verify
from xuxie.store.records import read_documents
from xuxie.tokenizer import stage
from xuxie.tokenizer.encode import boundary, encode
from xuxie.tokenizer.tokens import open_tokens

PARTS = ["train", "val", "test"]


def run(outputs: Outputs, settings: Settings, pretrained: Path, *overrides: str) -> dict[str, Any]:
    """Into the working directory; the metrics."""
    stage.run(
        settings("experiment=smoke", *overrides).tokenizer,
        splits=outputs.splits,
        pretrained=pretrained,
        out=Path("tokenizer"),
        tokens=Path("tokens"),
        metrics=Path("metrics.json"),
    )
    return dict(json.loads(Path("metrics.json").read_text()))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("part", PARTS)
def test_tokens_on_disk_are_the_tokenizers_behind_a_boundary(outputs: Outputs, part: str) -> None:
    words = AutoTokenizer.from_pretrained(outputs.tokenizer)
    tokens = open_tokens(outputs.tokens, part)
    texts = [document.text for document in read_documents(outputs.splits / f"{part}.parquet")]
    assert len(tokens.starts) == len(texts) + 1
    for expected, begin, end in zip(
        encode(words, texts), tokens.starts, tokens.starts[1:], strict=False
    ):
        assert tokens.tokens[begin:end].tolist() == [boundary(words), *expected]


@pytest.mark.parametrize("part", PARTS)
def test_metrics_count_what_is_on_disk(outputs: Outputs, part: str) -> None:
    report = json.loads((outputs.folder / "tokenizer.json").read_text())[part]
    tokens = open_tokens(outputs.tokens, part)
    assert report["documents"] == len(tokens.order)
    assert report["tokens"] == len(tokens.tokens) - len(tokens.order)
    assert report["characters"] == tokens.characters
    assert report["characters_per_token"] == pytest.approx(
        report["characters"] / report["tokens"], abs=1e-4
    )
    assert report["changed_documents"] == 0


def test_outputs_are_sealed(outputs: Outputs) -> None:
    verify(outputs.tokenizer)
    verify(outputs.tokens)


def test_a_second_run_gives_the_same_bytes(
    outputs: Outputs, settings: Settings, in_folder: Path
) -> None:
    run(outputs, settings, outputs.pretrained)
    assert files(in_folder / "tokenizer") == files(outputs.tokenizer)
    assert files(in_folder / "tokens") == files(outputs.tokens)


def test_the_pretrained_models_tokenizer_is_taken_over(
    outputs: Outputs, settings: Settings, in_folder: Path
) -> None:
    report = run(outputs, settings, outputs.model, "tokenizer=pretrained")
    given = AutoTokenizer.from_pretrained(outputs.model)
    taken = AutoTokenizer.from_pretrained(in_folder / "tokenizer")
    assert taken.get_vocab() == given.get_vocab()
    assert report["vocabulary"] == len(given)


def test_pretrained_without_a_model_is_refused(
    outputs: Outputs, settings: Settings, in_folder: Path
) -> None:
    with pytest.raises(Refusal, match=r"fetch\.pretrained\.kind") as refusal:
        run(outputs, settings, outputs.pretrained, "tokenizer=pretrained")
    assert refusal.value.code is ExitCode.DATA
    assert list(in_folder.iterdir()) == []


def test_a_given_tokenizer_may_lose_text_and_the_metrics_say_so(
    outputs: Outputs, settings: Settings, in_folder: Path
) -> None:
    words = Tokenizer(models.WordLevel({"[UNK]": 0, "[SEP]": 1, "。": 2}, "[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    given = PreTrainedTokenizerFast(tokenizer_object=words, unk_token="[UNK]", sep_token="[SEP]")
    given.save_pretrained(in_folder / "given")
    report = run(outputs, settings, in_folder / "given", "tokenizer=pretrained")
    assert report["val"]["changed_documents"] == report["val"]["documents"] > 0


def test_an_extended_tokenizer_is_written_with_its_effect(
    outputs: Outputs, settings: Settings, in_folder: Path
) -> None:
    report = run(outputs, settings, outputs.model, "tokenizer=extended", "tokenizer.added=50")
    given, made = (
        AutoTokenizer.from_pretrained(path) for path in (outputs.model, in_folder / "tokenizer")
    )
    assert given.get_vocab().items() < made.get_vocab().items()
    assert (report["before"]["vocabulary"], report["vocabulary"]) == (len(given), len(given) + 50)
    texts = [document.text for document in read_documents(outputs.splits / "val.parquet")]
    assert report["before"]["val"]["tokens"] == sum(map(len, encode(given, texts)))
    assert report["val"]["tokens"] < report["before"]["val"]["tokens"]
    assert report["val"]["changed_documents"] == 0


def test_extended_without_a_model_is_refused(
    outputs: Outputs, settings: Settings, in_folder: Path
) -> None:
    with pytest.raises(Refusal, match=r"fetch\.pretrained\.kind"):
        run(outputs, settings, outputs.pretrained, "tokenizer=extended")
    assert list(in_folder.iterdir()) == []
