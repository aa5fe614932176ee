"""A directory's manifest: the SHA-256 of every file, and a COMPLETE marker written last."""

import hashlib
import json
from pathlib import Path

from xuxie.errors import Refusal, bad_data
from xuxie.store.files import write_json, write_text

MANIFEST = "manifest.json"
COMPLETE = "COMPLETE"


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def contents(directory: Path) -> dict[str, dict[str, str | int]]:
    """Each file below `directory`, but for the manifest and the marker: its SHA-256 and bytes."""
    own = (directory / MANIFEST, directory / COMPLETE)
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {
        path.relative_to(directory).as_posix(): {
            "sha256": sha256_of(path),
            "bytes": path.stat().st_size,
        }
        for path in files
        if path not in own
    }


def seal(directory: Path) -> str:
    """Write the manifest, then the marker that holds the manifest's own hash; return that hash."""
    write_json(directory / MANIFEST, contents(directory))
    fingerprint = sha256_of(directory / MANIFEST)
    write_text(directory / COMPLETE, fingerprint + "\n")
    return fingerprint


def fingerprint_of(directory: Path) -> str:
    """The hash of a finished directory's manifest, without reading the files it names.

    Raises:
        Refusal: the directory was never finished, or its manifest is not the sealed one.
    """
    marker = directory / COMPLETE
    if not marker.is_file():
        raise bad_data(
            f"{directory} 不存在或没有写完（缺 COMPLETE）；请运行 dvc repro",
            f"{directory} is missing or was never finished (no COMPLETE); run dvc repro",
        )
    manifest = directory / MANIFEST
    if not manifest.is_file() or sha256_of(manifest) != marker.read_text().strip():
        raise damaged(manifest)
    return sha256_of(manifest)


def verify(directory: Path) -> str:
    """Re-hash every file of a finished directory; return its fingerprint.

    Raises:
        Refusal: names the first file that is missing, extra or different.
    """
    fingerprint = fingerprint_of(directory)
    recorded = json.loads((directory / MANIFEST).read_text())
    found = contents(directory)
    for name in sorted(recorded.keys() | found.keys()):
        if recorded.get(name) != found.get(name):
            raise damaged(directory / name)
    return fingerprint


def damaged(path: Path) -> Refusal:
    return bad_data(
        f"{path} 与清单记录的 SHA-256 不符；请删除其目录后运行 dvc repro",
        f"{path} differs from the SHA-256 in its manifest; delete its folder and run dvc repro",
    )
