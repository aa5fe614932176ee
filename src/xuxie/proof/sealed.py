"""Folders with a manifest: each file by its SHA-256, the manifest by what COMPLETE says of it."""

import json
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from xuxie.proof.damage import Damage, Expected, Kind, Problem, compared
from xuxie.proof.digests import Reader
from xuxie.store.manifest import COMPLETE, MANIFEST

Manifest = dict[str, dict[str, Any]]
SKIPPED = {"scratch", "node_modules"}


def sealed_folders(project: Path, *, training: bool) -> Iterator[Path]:
    """
    Args:
        training: one is running now: its checkpoints come and go.
    """
    for top, folders, files in os.walk(project):
        place = Path(top)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in SKIPPED
            and not (training and place / name == project / "runs" / "train")
        )
        if COMPLETE in files or is_manifest(place / MANIFEST):
            yield place


def is_manifest(path: Path) -> bool:
    return path.is_file() and (path.parent.parent.parent.name == "train" or bool(read(path)))


def read(path: Path) -> Manifest | None:
    """None where the file is missing or no manifest."""
    try:
        found = json.loads(path.read_bytes())
        assert all(set(entry) == {"sha256", "bytes"} for entry in found.values())
    except (OSError, ValueError, AttributeError, TypeError, AssertionError):
        return None
    return dict(found)


def damaged_folders(project: Path, reader: Reader, *, training: bool) -> Iterator[Damage]:
    for place in sealed_folders(project, training=training):
        parts = place.relative_to(project).parts
        kind = Kind.CHECKPOINT if parts[:2] == ("runs", "train") else Kind.SEALED
        yield from damaged_folder(place, kind, place.relative_to(project).as_posix(), reader)


def damaged_folder(place: Path, kind: Kind, owner: str, reader: Reader) -> Iterator[Damage]:
    manifest, marker = place / MANIFEST, place / COMPLETE
    recorded, found = read(manifest), reader.read(manifest)
    told = marker.read_bytes() if reader.read(marker) else b""
    advice = advice_for(kind)
    damages = list(damaged_files(place, recorded or {}, kind, owner, reader))
    if recorded is not None and found and told == told_of(found.sha256):
        yield from damages
    elif told_of(sha256(rebuilt := rebuilt_manifest(place, reader)).hexdigest()) == told:
        yield Damage(manifest, kind, owner, Problem.CHANGED, content=rebuilt, advice=advice)
    elif recorded is not None and found and not damages and recorded:
        # Files do not fit a manifest by chance: it is the marker that is wrong.
        right = told_of(found.sha256)
        problem = Problem.CHANGED if marker.exists() else Problem.MISSING
        yield Damage(marker, kind, owner, problem, content=right, advice=advice)
    else:
        # More than one of them: none can bear witness against the others.
        yield Damage(place, kind, owner, Problem.CHANGED, advice=advice)
        yield from damages


def told_of(fingerprint: str) -> bytes:
    """What COMPLETE holds."""
    return f"{fingerprint}\n".encode()


def damaged_files(
    place: Path, recorded: Manifest, kind: Kind, owner: str, reader: Reader
) -> Iterator[Damage]:
    advice = advice_for(kind)
    for name, entry in recorded.items():
        wanted = Expected(place / name, "sha256", str(entry["sha256"]), kind, owner)
        if found := compared(reader, wanted, advice=advice):
            yield found
    for path in files_of(place):
        if recorded and path.relative_to(place).as_posix() not in recorded:
            yield Damage(path, kind, owner, Problem.EXTRA, advice=advice)


def rebuilt_manifest(place: Path, reader: Reader) -> bytes:
    """The bytes that `store.manifest.seal` would write of the files as they are."""
    digests = {path.relative_to(place).as_posix(): reader.read(path) for path in files_of(place)}
    entries = {n: {"sha256": d.sha256, "bytes": d.size} for n, d in digests.items() if d}
    return (json.dumps(entries, ensure_ascii=False, sort_keys=True, indent=2) + "\n").encode()


def files_of(place: Path) -> list[Path]:
    own = (place / MANIFEST, place / COMPLETE)
    return sorted(path for path in place.rglob("*") if path.is_file() and path not in own)


def advice_for(kind: Kind) -> str:
    """A checkpoint is not made again: training goes on from the one before."""
    return "" if kind is Kind.CHECKPOINT else "dvc repro"
