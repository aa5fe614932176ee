"""What `ingest` may be told: the names of the fields, and what to do with what it cannot read."""

from typing import Annotated, Literal

from pydantic import Field

from xuxie.section import Section

FieldName = Annotated[str, Field(min_length=1)]


class Fields(Section):
    """The columns of a team's own jsonl, csv and parquet files; only `text` must exist there."""

    text: FieldName
    source: FieldName
    domain: FieldName
    group: FieldName
    position: FieldName
    date: FieldName
    licence: FieldName


class IngestSettings(Section):
    """
    text_unit: what one document is in .txt and .md: the whole file, a paragraph between blank
        lines, or a line. Paragraphs of a file form a group.
    on_error: `stop` refuses the run, `quarantine` writes what is bad to the list of rejects.
    licence: of documents that do not name their own.
    """

    fields: Fields
    text_unit: Literal["file", "paragraph", "line"]
    on_error: Literal["stop", "quarantine"]
    licence: FieldName
