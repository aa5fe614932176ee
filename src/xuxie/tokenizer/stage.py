"""Learn a vocabulary from the train split (or take a given one) and tokenize every split."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tqdm import tqdm
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from xuxie.errors import Refusal, bad_data
from xuxie.store.directories import whole_directory
from xuxie.store.files import write_json
from xuxie.store.records import Document, read_documents
from xuxie.tokenizer import bpe, characters
from xuxie.tokenizer.blocks import round_trips
from xuxie.tokenizer.encode import boundary, decode, encode
from xuxie.tokenizer.extend import extend
from xuxie.tokenizer.settings import TokenizerSettings
from xuxie.tokenizer.tokens import write_order, write_tokens

PARTS = ("train", "val", "test")
BATCH = 1024


def run(
    settings: TokenizerSettings,
    *,
    splits: Path,
    pretrained: Path,
    out: Path,
    tokens: Path,
    metrics: Path,
) -> None:
    tokenizer = learn(settings, splits / "train.parquet", pretrained)
    with whole_directory(out) as folder:
        tokenizer.save_pretrained(folder)
    report: dict[str, Any] = {"vocabulary": len(tokenizer), "blocks": round_trips(tokenizer)}
    with whole_directory(tokens) as folder:
        for part in PARTS:
            report[part] = tokenize(tokenizer, splits / f"{part}.parquet", part, folder)
    judge(settings, report)
    if settings.kind == "extended":
        report["before"] = measure(given(pretrained), splits / "val.parquet")
    write_json(metrics, report)


def learn(settings: TokenizerSettings, train: Path, pretrained: Path) -> PreTrainedTokenizerBase:
    if settings.kind == "pretrained":
        return given(pretrained)
    texts = (document.text for document in read_documents(train))
    if settings.kind == "extended":
        tokenizer = given(pretrained)
        print(f"增加 {settings.added} 个词元 | adding {settings.added} tokens")
        return extend(tokenizer, texts, added=settings.added, min_frequency=settings.min_frequency)
    print(f"学习 {settings.vocabulary} 个词元 | learning a vocabulary of {settings.vocabulary}")
    kind = characters if settings.kind == "characters" else bpe
    return kind.train(texts, vocabulary=settings.vocabulary, min_frequency=settings.min_frequency)


def judge(settings: TokenizerSettings, report: dict[str, Any]) -> None:
    """What we learned must lose nothing; of a given vocabulary its user is told what it loses.

    Raises:
        Refusal: a learned tokenizer changes a document or a character, or does not know one.
    """
    changed = {part: report[part]["changed_documents"] for part in PARTS}
    unknown = {part: report[part]["unknown"] for part in PARTS}
    blocks = {name: row["changed"] for name, row in report["blocks"].items() if row["changed"]}
    if not any([*changed.values(), *unknown.values(), *blocks.values()]):
        return
    if settings.kind in ("bpe", "characters"):
        raise lossy(changed, unknown, blocks)
    print(
        f"这个分词器会丢失文本 | this tokenizer loses text: documents {changed}, UNK {unknown},"
        f" characters {blocks}"
    )


def given(pretrained: Path) -> PreTrainedTokenizerBase:
    """The tokenizer that came with the pretrained model."""
    if not (pretrained / "tokenizer_config.json").is_file():
        raise bad_data(
            "tokenizer=pretrained 和 extended 需要预训练模型；请设 fetch.pretrained.kind",
            "tokenizer=pretrained and extended need a pretrained model; set fetch.pretrained.kind",
        )
    return AutoTokenizer.from_pretrained(pretrained, local_files_only=True)


def measure(tokenizer: PreTrainedTokenizerBase, val: Path) -> dict[str, Any]:
    """What the tokenizer before its extension makes of the validation split."""
    texts = [document.text for document in read_documents(val)]
    tokens = sum(map(len, encode(tokenizer, texts)))
    characters = sum(map(len, texts))
    return {
        "vocabulary": len(tokenizer),
        "val": {"tokens": tokens, "characters_per_token": round(characters / max(tokens, 1), 4)},
    }


def tokenize(
    tokenizer: PreTrainedTokenizerBase, split: Path, part: str, folder: Path
) -> dict[str, Any]:
    """Write a split's tokens; return its size and how many texts the round trip changed."""
    tally = RoundTrip(tokenizer)
    documents = tqdm(read_documents(split), desc=f"{part} tokens", unit=" doc", disable=None)
    count = write_tokens(
        folder,
        part,
        tally.checked(iter(documents)),
        boundary=boundary(tokenizer),
        vocabulary=len(tokenizer),
    )
    write_order(folder, part, split)
    text_tokens = count - tally.documents
    return {
        "documents": tally.documents,
        "tokens": text_tokens,
        "characters": tally.characters,
        "characters_per_token": round(tally.characters / max(text_tokens, 1), 4),
        "changed_documents": tally.changed,
        "unknown": tally.unknown,
    }


class RoundTrip:
    """Encodes documents, and counts unknown tokens and documents that come back changed."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self.tokenizer = tokenizer
        self.documents = self.characters = self.changed = self.unknown = 0

    def checked(self, documents: Iterator[Document]) -> Iterator[list[int]]:
        while batch := [document.text for document in islice(documents, BATCH)]:
            tokens = encode(self.tokenizer, batch)
            back = decode(self.tokenizer, tokens)
            self.documents += len(batch)
            self.characters += sum(map(len, batch))
            self.changed += sum(a != b for a, b in zip(batch, back, strict=True))
            self.unknown += unknown_tokens(self.tokenizer, tokens)
            yield from tokens


def unknown_tokens(tokenizer: PreTrainedTokenizerBase, tokens: list[list[int]]) -> int:
    """How many stand for something that the vocabulary does not know."""
    unknown = tokenizer.unk_token_id
    return 0 if unknown is None else sum(row.count(unknown) for row in tokens)


def lossy(changed: dict[str, int], unknown: dict[str, int], blocks: dict[str, int]) -> Refusal:
    found = f"documents {changed}, UNK {unknown}, characters {blocks}"
    return bad_data(
        f"分词器往返后文本改变：{found}；这是 xuxie 的缺陷，请报告",
        f"the tokenizer's round trip changed text: {found}; this is a defect, please report",
    )
