"""DVC's cache: each file is named by its md5, a folder by that of its listing."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from xuxie.proof.damage import Damage, Expected, Kind, Problem, compared
from xuxie.proof.digests import Reader
from xuxie.proof.notation import Unreadable, read


@dataclass(frozen=True)
class Cache:
    """
    folder: of the whole cache; its layout is that of DVC 3.
    """

    folder: Path

    def place(self, name: str) -> Path:
        """Where the object of this md5 lies, `.dir` included."""
        return self.folder / "files" / "md5" / name[:2] / name[2:]

    def objects(self) -> Iterator[tuple[Path, str]]:
        """Each object and the name it should have."""
        for path in sorted((self.folder / "files" / "md5").glob("[0-9a-f][0-9a-f]/*")):
            if len(path.name.removesuffix(".dir")) == 30:
                yield path, path.parent.name + path.name

    def listing(self, reader: Reader, name: str) -> dict[str, str] | None:
        """Path within the folder -> md5; None where the listing is missing or damaged."""
        path = self.place(name)
        found = reader.read(path)
        if found is None or found.md5 != name.removesuffix(".dir"):
            return None
        return {item["relpath"]: item["md5"] for item in json.loads(path.read_bytes())}


def cache_of(project: Path) -> Cache:
    """The cache of a project, wherever its configuration puts it."""
    words = [sys.executable, "-m", "dvc", "cache", "dir"]
    done = subprocess.run(words, cwd=project, capture_output=True, text=True, check=False)
    place = done.stdout.strip() if done.returncode == 0 else ""
    return Cache(Path(place) if place else project / ".dvc" / "cache")


def damaged_objects(reader: Reader, cache: Cache, owners: dict[str, str]) -> Iterator[Damage]:
    """
    Args:
        owners: whose an object is, by its name; those of earlier versions are in no present lock.
    """
    for path, name in cache.objects():
        owner = owners.get(name, "旧版本 of an earlier version")
        wanted = Expected(path, "md5", name.removesuffix(".dir"), Kind.CACHE, owner)
        if found := compared(reader, wanted, advice="dvc fetch"):
            yield found


def damaged_runs(cache: Cache) -> Iterator[Damage]:
    """Entries of the run cache are named by what they say, sizes apart."""
    for path in sorted((cache.folder / "runs").glob("??/*/*")):
        if len(path.name) == 64 and said(path) != path.name:
            yield Damage(path, Kind.RUN_CACHE, path.parent.name[:12], Problem.CHANGED)


def said(path: Path) -> str:
    try:
        content = read(path.read_text(encoding="utf-8"))
    except (Unreadable, UnicodeDecodeError, OSError):
        return ""
    return sha256(json.dumps(without_sizes(content), sort_keys=True).encode()).hexdigest()


def without_sizes(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_sizes(v) for k, v in value.items() if k not in ("size", "nfiles")}
    return [without_sizes(part) for part in value] if isinstance(value, list) else value
