"""Directories that appear whole, sealed with a manifest, or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xuxie.store import manifest
from xuxie.store.files import sync_directory


@contextmanager
def whole_directory(path: Path) -> Iterator[Path]:
    """A scratch directory that becomes `path`, sealed, when the block ends well.

    What an earlier, killed attempt left behind is removed first.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        yield partial
        manifest.seal(partial)
        shutil.rmtree(path, ignore_errors=True)
        partial.replace(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    sync_directory(path.parent)
