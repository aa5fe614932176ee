"""A sealed directory notices every change and names the file."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from xuxie.errors import Refusal
from xuxie.store.manifest import fingerprint_of, seal, verify

Damage = Callable[[Path], object]


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    return fill(tmp_path / "sealed")


def fill(folder: Path) -> Path:
    (folder / "内").mkdir(parents=True)
    (folder / "正文.txt").write_text("春眠不觉晓")
    (folder / "内" / "manifest.json").write_text("{}")
    seal(folder)
    return folder


def test_an_untouched_directory_passes_and_keeps_its_fingerprint(sealed: Path) -> None:
    assert verify(sealed) == fingerprint_of(sealed) == seal(sealed)


def test_the_manifest_holds_hash_and_size_of_every_file(sealed: Path) -> None:
    recorded = json.loads((sealed / "manifest.json").read_text())
    assert {name: entry["bytes"] for name, entry in recorded.items()} == {
        "正文.txt": 15,
        "内/manifest.json": 2,
    }
    assert len(recorded["正文.txt"]["sha256"]) == 64


def test_the_fingerprint_depends_on_the_contents_alone(sealed: Path, tmp_path: Path) -> None:
    other = fill(tmp_path / "elsewhere")
    assert fingerprint_of(other) == fingerprint_of(sealed)
    (other / "正文.txt").write_text("处处闻啼鸟")
    assert seal(other) != fingerprint_of(sealed)


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (lambda folder: (folder / "正文.txt").write_text("春眠不觉晚"), "正文.txt"),
        (lambda folder: (folder / "正文.txt").unlink(), "正文.txt"),
        (lambda folder: (folder / "多余.txt").touch(), "多余.txt"),
        (lambda folder: (folder / "内" / "manifest.json").write_text("[]"), "内/manifest.json"),
    ],
    ids=["changed", "missing", "extra", "nested"],
)
def test_verify_names_the_file(sealed: Path, damage: Damage, named: str) -> None:
    damage(sealed)
    with pytest.raises(Refusal, match=r"与清单记录的 SHA-256 不符.*differs from") as caught:
        verify(sealed)
    assert str(sealed / named) in str(caught.value)
    assert caught.value.code == 65


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (lambda folder: (folder / "manifest.json").write_text("{}\n"), "manifest.json"),
        (lambda folder: (folder / "manifest.json").unlink(), "manifest.json"),
        (lambda folder: (folder / "COMPLETE").unlink(), "COMPLETE"),
    ],
    ids=["tampered", "no manifest", "no marker"],
)
@pytest.mark.parametrize("check", [fingerprint_of, verify])
def test_a_broken_seal_is_refused(
    sealed: Path, damage: Damage, named: str, check: Callable[[Path], str]
) -> None:
    damage(sealed)
    with pytest.raises(Refusal, match=named) as caught:
        check(sealed)
    assert caught.value.code == 65


def test_a_directory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"dvc repro \| .*none is missing.*dvc repro"):
        fingerprint_of(tmp_path / "none")
