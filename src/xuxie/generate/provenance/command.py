"""`xuxie provenance`: the training documents that hold stretches of any text, as a table."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text
from tqdm import tqdm

from xuxie.errors import bad_data, bad_parameters
from xuxie.generate.provenance.spans import Place, Span, covered, longest, verbatim
from xuxie.generate.settings import ProvenanceSettings
from xuxie.store.records import read_documents


def show(
    settings: ProvenanceSettings, texts: Sequence[str], splits: Path, console: Console
) -> None:
    """Search the training split once for all the texts, and print what was found in each.

    Raises:
        Refusal: there is no training split, or a text is not valid UTF-8.
    """
    for text in texts:
        check(text)
    train = splits / "train.parquet"
    if not train.is_file():
        raise bad_data(
            f"没有训练集 {train}；请先运行 dvc repro split",
            f"there is no training split {train}; run dvc repro split first",
        )
    documents = tqdm(
        read_documents(train), desc="出处 provenance", unit=" document", disable=None, leave=False
    )
    found = verbatim(texts, documents, characters=settings.characters, places=settings.places)
    for text, spans in zip(texts, found, strict=True):
        tell(text, spans, settings.characters, console)


def check(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise bad_parameters(
            f"文本第 {error.start + 1} 个字符不是有效的 UTF-8；请用 UTF-8 输入",
            f"character {error.start + 1} of a text is not valid UTF-8; give it in UTF-8",
        ) from None


def tell(text: str, spans: list[Span], characters: int, console: Console) -> None:
    marked = Text(text)
    for span in spans:
        marked.stylize("underline green", span.start, span.end)
    console.print(marked, soft_wrap=True)
    share = covered(spans) / max(len(text), 1)
    console.print(
        f"逐字片段（≥ {characters} 字）占 {share:.0%}，最长 {longest(spans)} 字"
        f" | {share:.0%} stands verbatim in stretches of {characters} characters or more,"
        f" the longest has {longest(spans)}",
        soft_wrap=True,
    )
    if spans:
        console.print(table(text, spans))


def table(text: str, spans: list[Span]) -> Table:
    """A row for each stretch and document that is named for it."""
    made = Table(show_lines=True)
    made.add_column("片段 stretch", overflow="fold", ratio=2)
    for heading in ("字数\nsigns", "次数\ntimes", "文档数\ndocuments"):
        made.add_column(heading, justify="right", no_wrap=True)
    made.add_column("文档 document", overflow="fold", ratio=3)
    made.add_column("许可 licences", overflow="fold", ratio=2)
    for span in spans:
        made.add_row(
            Text(text[span.start : span.end]),
            str(span.end - span.start),
            str(span.times),
            str(span.documents),
            Text("\n".join(map(named, span.places))),
            Text("\n".join(span.licences)),
        )
    return made


def named(place: Place) -> str:
    """A document without companions is its own group."""
    group = "" if place.group == place.id else f" {place.group}"
    return f"{place.source}{group}\n  {place.id}\n  {place.origin}"
