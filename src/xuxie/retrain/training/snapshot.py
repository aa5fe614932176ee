"""The raw data of one training: a copy, so that what arrives meanwhile does not get into it."""

import shutil
import stat
from pathlib import Path

from xuxie.proof.cache import Cache
from xuxie.retrain.due.raw import File, Listing, content_of, raw_files, state_of
from xuxie.retrain.places import RAW
from xuxie.track.outputs import md5_of

# Of a file that changed while it was copied: next time it is read again.
UNSETTLED = "changed while it was copied"


def take(project: Path, folder: Path, cache: Cache) -> Listing:
    """Copy the project's raw data into the checkout `folder`; what that has beside it is removed.

    Returns:
        The listing of what was copied, with the states that the files have in the project.
    """
    found: Listing = {}
    for name, path in raw_files(project):
        try:
            found[name] = copied(path, folder / RAW / name, cache)
        except FileNotFoundError:  # gone since it was listed
            continue
    for name, path in list(raw_files(folder)):
        if name not in found:
            path.unlink()
    mirror_records(project, folder)
    return found


def copied(path: Path, target: Path, cache: Cache) -> File:
    before = state_of(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    if path.is_symlink() and not within(path, cache):
        target.symlink_to(path.readlink())
        return File(before, content_of(path))
    if not stat.S_ISREG(path.stat().st_mode):
        return File(before, content_of(path))
    shutil.copyfile(path, target)
    shutil.copystat(path, target)
    target.chmod(0o644)
    return File(before if state_of(path) == before else UNSETTLED, md5_of(target))


def within(link: Path, cache: Cache) -> bool:
    """Whether DVC put the link there in a file's place (`cache.type symlink`)."""
    return link.resolve().is_relative_to(cache.folder.resolve())


def mirror_records(project: Path, folder: Path) -> None:
    """`NAME.dvc` beside data that was put under DVC by hand: as the project has them now."""
    for path in (folder / RAW).rglob("*.dvc"):
        path.unlink()
    for path in (project / RAW).rglob("*.dvc"):
        target = folder / path.relative_to(project)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
