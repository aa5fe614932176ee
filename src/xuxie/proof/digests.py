"""Files hashed as a stream, each once, with both hashes that our tools name files by."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Algorithm = Literal["md5", "sha256"]
PIECE = 1 << 20


@dataclass(frozen=True)
class Digest:
    md5: str
    sha256: str
    size: int

    def by(self, algorithm: Algorithm) -> str:
        return self.md5 if algorithm == "md5" else self.sha256


class Reader:
    """Remembers what it has read, and where it saw which bytes.

    Args:
        tell: is told how many bytes were read, piece by piece.
    """

    def __init__(self, tell: Callable[[int], None]) -> None:
        self.tell, self.bytes = tell, 0
        self.known: dict[Path, Digest | None] = {}
        self.places: dict[str, list[Path]] = {}

    def read(self, path: Path) -> Digest | None:
        """None where there is no such file, or it cannot be read."""
        path = path.absolute()
        if path not in self.known:
            self.known[path] = found = self.hashed(path)
            for name in (found.md5, found.sha256) if found else ():
                self.places.setdefault(name, []).append(path)
        return self.known[path]

    def hashed(self, path: Path) -> Digest | None:
        md5, sha256, size = hashlib.md5(), hashlib.sha256(), 0
        try:
            with path.open("rb") as file:
                while piece := file.read(PIECE):
                    md5.update(piece)
                    sha256.update(piece)
                    size += len(piece)
                    self.bytes += len(piece)
                    self.tell(len(piece))
        except OSError:
            return None
        return Digest(md5.hexdigest(), sha256.hexdigest(), size)

    def forget(self, path: Path) -> None:
        """The file was changed: read it again when it is asked for."""
        self.known.pop(path.absolute(), None)

    def copies(self, wanted: str) -> list[Path]:
        """Files that hold, at this moment, the bytes of this hash."""
        found = [(path, self.read(path)) for path in list(self.places.get(wanted, []))]
        return [path for path, digest in found if digest and wanted in (digest.md5, digest.sha256)]
