"""The text of Word files and of PDF files that hold text."""

import logging
import zipfile
from typing import BinaryIO

import docx
import pypdf
from docx.table import Table

from xuxie.ingest.rows import Unreadable
from xuxie.ingest.settings import Limits


def word_text(file: BinaryIO, size: int, limits: Limits) -> str:
    """Paragraphs and tables in their order, one line each paragraph or row of cells."""
    with zipfile.ZipFile(file) as parts:
        unpacked = sum(info.file_size for info in parts.infolist())
    # zipfile never gives more of a member than its header says, so that the sum is safe.
    if unpacked > min(limits.file_mib << 20, limits.unpacked(size)):
        raise Unreadable("bomb", f"{unpacked} bytes from {size}")
    file.seek(0)
    lines: list[str] = []
    for block in docx.Document(file).iter_inner_content():
        lines += cells(block) if isinstance(block, Table) else [block.text]
    return "\n".join(lines)


def cells(table: Table) -> list[str]:
    return ["\t".join(cell.text for cell in row.cells) for row in table.rows]


def pdf_pages(file: BinaryIO, limits: Limits) -> list[str]:
    """The text of each page, empty where it has none."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = pypdf.PdfReader(file, strict=False)
    if reader.is_encrypted:
        raise Unreadable("encrypted", "a PDF file with a password")
    pages: list[str] = []
    length = 0
    for page in reader.pages:
        # Half of a surrogate pair is what some fonts' tables give. As U+FFFD it is counted, as
        # are the glyphs for which pypdf finds no sign.
        text = page.extract_text().encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        pages.append(text)
        length += len(text)
        if length > limits.document_mib << 20:
            raise Unreadable("too_long", f"more than {limits.document_mib} MiB of text")
    return pages
