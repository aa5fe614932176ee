"""Puts back what has an intact copy anywhere; what was there before is moved aside, not deleted."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from xuxie.proof.cache import Cache
from xuxie.proof.damage import Damage, Kind, Problem
from xuxie.proof.digests import Reader
from xuxie.store.files import sync_directory, write_bytes


class Repair:
    """
    Args:
        aside: a new folder for what is taken away.
    """

    def __init__(self, project: Path, cache: Cache, reader: Reader, aside: Path) -> None:
        self.project, self.cache, self.reader, self.aside = project, cache, reader, aside

    def mend(self, damage: Damage) -> bool:
        """Whether the file is as recorded again, or no longer in the way."""
        if damage.problem is Problem.EXTRA or damage.kind is Kind.RUN_CACHE:
            return self.away(damage.path)
        if damage.content is not None:
            return self.put(damage, damage.content)
        copies = [path for path in self.reader.copies(damage.hash) if path != damage.path]
        if damage.hash and copies:
            return self.put(damage, copies[0])
        if damage.kind is Kind.OUTPUT and (committed := self.committed(damage)) is not None:
            return self.put(damage, committed)
        if damage.kind is Kind.CHECKPOINT:
            return self.away(damage.path if damage.path.is_dir() else damage.path.parent)
        if damage.kind is Kind.CACHE:
            self.away(damage.path)  # DVC would trust it, and hand it out
        return False

    def committed(self, damage: Damage) -> bytes | None:
        """Metrics and params.yaml are kept by git."""
        name = damage.path.relative_to(self.project).as_posix()
        words = ["git", "show", f"HEAD:{name}"]
        done = subprocess.run(words, cwd=self.project, capture_output=True, check=False)
        same = hashlib.md5(done.stdout).hexdigest() == damage.hash
        return done.stdout if same else None

    def put(self, damage: Damage, source: bytes | Path) -> bool:
        self.away(damage.path)
        damage.path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(source, bytes):
            write_bytes(damage.path, source)
        else:
            copy(source, damage.path)
        # DVC takes a cache object for intact while nobody may write to it.
        damage.path.chmod(0o444 if damage.kind is Kind.CACHE else 0o644)
        self.reader.forget(damage.path)
        return True

    def away(self, path: Path) -> bool:
        if path.exists():
            target = self.aside / self.name(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)
        for known in [known for known in self.reader.known if known.is_relative_to(path)]:
            self.reader.forget(known)
        return True

    def name(self, path: Path) -> Path:
        for top, word in ((self.cache.folder, "cache"), (self.project, "")):
            if path.is_relative_to(top):
                return Path(word) / path.relative_to(top)
        return Path(*path.parts[1:])


def copy(source: Path, target: Path) -> None:
    """Whole or not at all."""
    partial = target.with_name(f".{target.name}.tmp")
    shutil.copyfile(source, partial)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(target)
    sync_directory(target.parent)
