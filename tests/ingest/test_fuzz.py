"""Arbitrary bytes under every suffix: documents or rejects, never an exception, nothing lost.

The long run, with mutated files of every format, is benchmarks/fuzz_ingest.py.
"""

import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from ingest import made
from xuxie.ingest.batches import Batch, batches
from xuxie.ingest.rows import REASONS
from xuxie.ingest.settings import IngestSettings
from xuxie.store.records import content_id

SUFFIXES = ".txt .md .html .htm .docx .pdf .jsonl .csv .tsv .parquet .zip .tar .tgz".split()
PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".zst": made.zstd,
    ".GZ": bytes,  # not packed at all
}
PIECES = [b"text\n", b'"', b"\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"<p>", b"%PDF-"]
PIECES += [b"PK\x03\x04", b"PAR1", b'{"text": "', b'"}', b"[" * 2000, "渡口".encode()]
CONTENTS = strategies.one_of(
    strategies.binary(max_size=300),
    strategies.lists(strategies.sampled_from(PIECES), max_size=12).map(b"".join),
)
VALID = {
    ".docx": made.word("段。"),
    ".pdf": made.pdf("页。"),
    ".parquet": made.parquet(["行。"]),
    ".zip": made.zipped({"文.txt": b"text"}),
    ".tar": made.tarred({"文.txt": b"text"}),
    ".jsonl": b'{"text": "a", "n": [1, {"b": 2}]}\n',
    ".csv": b'text,n\n"a\nb",1\n',
}
QUICK = settings(
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def read(name: str, content: bytes, chosen: IngestSettings, scratch: Path) -> list[Batch]:
    """The batches, after a look at everything in them."""
    found = list(batches(name, io.BytesIO(content), chosen, scratch))
    for batch in found:
        for row in batch.documents.to_pylist():
            assert row["id"] == content_id(row["text"]) and row["text"].strip()
            assert row["origin"].startswith(name)
        for file, reject in batch.rejects:
            assert file.startswith(name) and reject.reason in REASONS and len(reject.detail) <= 200
    return found


def outcomes(found: list[Batch]) -> int:
    return sum(len(batch.documents) + len(batch.rejects) + batch.notes["blank"] for batch in found)


@pytest.mark.parametrize("suffix", SUFFIXES)
@QUICK
@given(content=CONTENTS, packing=strategies.sampled_from(list(PACKINGS)))
def test_arbitrary_bytes_are_read_or_rejected(
    chosen: Callable[..., IngestSettings],
    tmp_path: Path,
    suffix: str,
    content: bytes,
    packing: str,
) -> None:
    found = read(f"名{suffix}{packing}", PACKINGS[packing](content), chosen(), tmp_path)
    if suffix not in (".jsonl", ".csv", ".tsv", ".parquet", ".zip", ".tar", ".tgz"):
        assert outcomes(found) == 1
    again = read(f"名{suffix}{packing}", PACKINGS[packing](content), chosen(), tmp_path)
    assert again == found


@pytest.mark.parametrize("suffix", VALID)
@QUICK
@given(
    place=strategies.integers(0, 1 << 16),
    change=strategies.binary(min_size=1, max_size=6),
    cut=strategies.booleans(),
)
def test_damaged_files_are_read_or_rejected(
    chosen: Callable[..., IngestSettings],
    tmp_path: Path,
    suffix: str,
    place: int,
    change: bytes,
    cut: bool,
) -> None:
    whole = VALID[suffix]
    place %= len(whole)
    damaged = whole[:place] + change + (b"" if cut else whole[place + len(change) :])
    read(f"名{suffix}", damaged, chosen(), tmp_path)
