"""Small valid files of each format and packing, made by hand or by the library of the format."""

import io
import tarfile
import zipfile

import docx
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard


def word(*paragraphs: str, table: list[list[str]] | None = None) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if table is not None:
        cells = document.add_table(len(table), len(table[0]))
        for row, texts in zip(cells.rows, table, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def pdf(*pages: str) -> bytes:
    """A PDF of pages of text in UCS-2, or empty pages, as the standard's annex H writes one."""
    kids = " ".join(f"{3 + 2 * n} 0 R" for n in range(len(pages)))
    font = 3 + 2 * len(pages)
    bodies = ["<< /Type /Catalog /Pages 2 0 R >>"]
    bodies.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>")
    for number, text in enumerate(pages):
        shown = f"BT /F1 12 Tf 9 90 Td <{text.encode('utf-16-be').hex()}> Tj ET" if text else ""
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents {4 + 2 * number} 0 R"
            f" /Resources << /Font << /F1 {font} 0 R >> >> >>"
        )
        bodies.append(f"<< /Length {len(shown)} >>\nstream\n{shown}\nendstream")
    bodies.append(
        "<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /UniGB-UCS2-H"
        f" /DescendantFonts [{font + 1} 0 R] >>"
    )
    bodies.append(
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /A"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>"
    )
    return with_table(bodies)


def with_table(bodies: list[str]) -> bytes:
    """The objects with the table of their offsets."""
    made, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(made))
        made += f"{number} 0 obj\n{body}\nendobj\n".encode()
    start = len(made)
    made += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode()
    made += "".join(f"{offset:010} 00000 n \n" for offset in offsets).encode()
    made += f"trailer << /Root 1 0 R /Size {len(bodies) + 1} >>\nstartxref\n{start}\n".encode()
    return made + b"%%EOF\n"


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(
    members: dict[str, bytes], links: dict[str, str] | None = None, mode: str = "w"
) -> bytes:
    """
    Args:
        mode: `w` or `w:gz`.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz" if mode == "w:gz" else "w") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        for name, target in (links or {}).items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
    return buffer.getvalue()


def zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(content)


def parquet(texts: list[str]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"text": texts}), buffer)
    return buffer.getvalue()
