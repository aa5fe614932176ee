"""The hashes DVC names outputs by, for what a stage has just written and DVC has not yet hashed."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import yaml

IGNORED = {".gitignore", ".gitkeep", ".DS_Store"}


def output_hashes(stage: str) -> dict[str, str]:
    """`dvc.models/gpt` -> md5 for each output of a stage that DVC runs at this moment."""
    if os.environ.get("DVC_STAGE") != stage:
        return {}
    declared = yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))["stages"][stage]
    return {
        f"dvc.{path}": dvc_hash(path)
        for path in map(Path, written_paths(declared))
        if path.exists()
    }


def written_paths(stage: dict[str, Any]) -> list[str]:
    """Of a stage of dvc.yaml, where an entry is a path, or a path with options."""
    items = [*stage.get("outs", []), *stage.get("metrics", [])]
    return [str(item if isinstance(item, str) else next(iter(item))) for item in items]


def dvc_hash(path: Path) -> str:
    """The md5 of a file; of a folder that of its listing, marked `.dir`, as in dvc.lock."""
    if path.is_file():
        return md5_of(path)
    return listing_hash({f.relative_to(path).as_posix(): md5_of(f) for f in files_below(path)})


def files_below(folder: Path) -> list[Path]:
    """Those that count as a folder's content."""
    return sorted(f for f in folder.rglob("*") if f.is_file() and not ignored(f))


def ignored(path: Path) -> bool:
    """As .dvcignore has it."""
    return path.name in IGNORED or path.suffix == ".pyc"


def md5_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def listing_hash(files: dict[str, str]) -> str:
    """
    Args:
        files: md5 of each, by its path within the folder.
    """
    return hashlib.md5(listing(files)).hexdigest() + ".dir"


def listing(files: dict[str, str]) -> bytes:
    """A folder as the cache of DVC 3 keeps it."""
    entries = [{"md5": files[name], "relpath": name} for name in sorted(files)]
    return json.dumps(entries, sort_keys=True).encode()
