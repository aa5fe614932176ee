"""`xuxie provenance` in a terminal, on the small pipeline's own training split."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from conftest import Outputs, Settings
from xuxie.errors import ExitCode, Refusal
from xuxie.generate.provenance.command import show
from xuxie.store.records import Document, read_documents


@pytest.fixture(scope="module")
def document(outputs: Outputs) -> Document:
    """An article of a law."""
    train = read_documents(outputs.splits / "train.parquet")
    return next(document for document in train if document.source == "statutes")


def told(settings: Settings, texts: list[str], splits: Path) -> str:
    console = Console(file=io.StringIO(), width=400)
    show(settings().generate.provenance, texts, splits, console)
    written = console.file
    assert isinstance(written, io.StringIO)
    return written.getvalue()


def test_a_quotation_is_found_with_its_document(
    settings: Settings, outputs: Outputs, document: Document
) -> None:
    quotation = document.text[3:25]
    printed = told(settings, [f"他说：{quotation}@"], outputs.splits)
    assert f"{22 / 26:.0%}" in printed
    assert quotation in printed.splitlines()[0]
    for part in (document.id, document.source, document.group, document.licence, document.origin):
        assert part in printed


def test_texts_without_quotations_get_no_table(settings: Settings, outputs: Outputs) -> None:
    printed = told(settings, ["春江潮水连海平，海上明月共潮生", ""], outputs.splits)
    assert printed.count("0 %") + printed.count("0%") >= 2
    assert "licences" not in printed


def test_a_missing_split_is_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="dvc repro split") as refused:
        told(settings, ["文本"], tmp_path)
    assert refused.value.code == ExitCode.DATA


def run(root: Path, *words: str, given: bytes = b"") -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [sys.executable, "-c", "from xuxie.cli import main; main()", "provenance", *words],
        cwd=root,
        input=given,
        capture_output=True,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def test_the_command_reads_standard_input(root: Path, outputs: Outputs, document: Document) -> None:
    splits = ("--splits", str(outputs.splits), "--characters", "10")
    done = run(root, "-", *splits, given=document.text.encode())
    assert done.returncode == 0, done.stderr
    assert "占 100%" in done.stdout
    assert "≥ 10 字" in done.stdout


def test_the_command_refuses_what_it_cannot_use(root: Path, outputs: Outputs) -> None:
    splits = ("--splits", str(outputs.splits))
    done = run(root, "-", *splits, given=b"\xb4\xba")
    assert (done.returncode, done.stdout) == (ExitCode.PARAMETERS, "")
    assert "UTF-8" in done.stderr and "Traceback" not in done.stderr
    done = run(root, "春", *splits, "--characters", "1")
    assert done.returncode == ExitCode.PARAMETERS
    assert "generate.provenance.characters = 1" in done.stderr
