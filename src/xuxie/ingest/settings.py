"""What `ingest` may be told: which files, how they are encoded, their fields, and the limits."""

from typing import Annotated, Literal

from pydantic import Field

from xuxie.section import Section

FieldName = Annotated[str, Field(min_length=1)]
Glob = Annotated[str, Field(min_length=1)]
# No file:// (local files belong below data/raw), no chain (a::b), no user:password@ in it.
Address = Annotated[str, Field(pattern=r"^(s3|gs|gcs|az|abfs|https?|memory)://[^@]+$")]
Encoding = Literal["utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


class Fields(Section):
    """The columns of a team's own jsonl, csv, tsv and parquet files; only `text` must be there."""

    text: FieldName
    source: FieldName
    domain: FieldName
    group: FieldName
    position: FieldName
    date: FieldName
    licence: FieldName


class Proof(Section):
    """When bytes that are not UTF-8 count as GB18030 or Big5 without being declared so.

    characters: Chinese characters that a file needs at least.
    frequent: share of them among the frequent ones of the standard (GB/T 2312 level 1, Big5
        level 1).
    common: share of them among the few hundred commonest.
    odd: share of private-use, control and foreign letters, as in mojibake, that is still borne.
    margin: by how much the better of the two must lead in its share of common characters.
    """

    characters: Count
    frequent: Share
    common: Share
    odd: Share
    margin: Share


class Limits(Section):
    """
    line_mib: of one line of a jsonl, csv or text file.
    document_mib: of one document's text.
    file_mib: of a html, docx or pdf file, which is read whole, and of what a docx unpacks to.
    unpacked_mib: of what one packed file may hold.
    ratio: unpacked to packed bytes; it counts only beyond free_mib, since an honest small file may
        repeat itself more than any bomb does.
    members: files in one archive.
    nesting: depth of a JSON value.
    """

    line_mib: Count
    document_mib: Count
    file_mib: Count
    unpacked_mib: Count
    ratio: Count
    free_mib: Count
    members: Count
    nesting: Count

    def unpacked(self, packed: int) -> int:
        """Bytes that a file of `packed` bytes may unpack to."""
        return min(self.unpacked_mib << 20, max(self.free_mib << 20, self.ratio * packed))


class IngestSettings(Section):
    """
    include, exclude: globs below data/raw (`*` stays in a folder, `**` does not).
    addresses: fsspec addresses that are read besides data/raw; globs allowed.
    encodings: glob -> encoding of files that are not UTF-8; the first that matches counts.
    text_unit: what one document is in prose (txt, md, html, docx, pdf): the whole file, a
        paragraph between blank lines, or a line. Paragraphs of a file form a group.
    on_error: `stop` refuses the run, `quarantine` writes what is bad to the list of rejects.
    licence: of documents that do not name their own.
    """

    fields: Fields
    include: list[Glob]
    exclude: list[Glob]
    addresses: list[Address]
    encodings: dict[Glob, Encoding]
    proof: Proof
    limits: Limits
    text_unit: Literal["file", "paragraph", "line"]
    on_error: Literal["stop", "quarantine"]
    licence: FieldName
