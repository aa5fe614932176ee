"""Files at fsspec addresses (s3://, https://, ...), which are read only if a setting names them."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, cast

import fsspec

from xuxie.errors import ExitCode, Refusal, first_line
from xuxie.ingest.formats import format_of
from xuxie.ingest.tree import shown

CHUNK = 1 << 20


@dataclass(frozen=True)
class RemoteFile:
    """name: path below the address. key: changes with the content, empty if nothing says so."""

    name: str
    key: str
    address: str
    open: Callable[[], Any]


def remote_files(address: str) -> tuple[list[RemoteFile], list[str]]:
    """The files that `address` names, in the order of their paths, and those of unknown formats.

    Credentials come from the environment, as each file system's package documents.
    """
    with told(address):
        system, path = fsspec.core.url_to_fs(address)
        base, listed = listing(system, path)
        files = sorted(found for found, info in listed.items() if info.get("type") != "directory")
        readable = [found for found in files if format_of(found).kind]
        made = [one(system, found, base, address) for found in readable]
    return made, [named(found, base) for found in files if not format_of(found).kind]


def listing(system: Any, path: str) -> tuple[str, dict[str, Any]]:
    """The folder from which names count, and what there is to read by its full path.

    A name with a suffix that we know is a file without asking: to the file system of the web any
    page with links looks like a folder.
    """
    if re.search(r"[*?\[]", path):
        return base_of(path), system.glob(path, detail=True)
    if not format_of(path).kind and system.isdir(path):
        return path.rstrip("/"), system.find(path, detail=True)
    return base_of(path), {path: {}}


def one(system: Any, path: str, base: str, address: str) -> RemoteFile:
    """Asks again for each file: lists leave out the marks that tell whether it changed."""
    info = system.info(path)
    marks = [
        str(info[mark]) for mark in ("ETag", "etag", "LastModified", "created") if mark in info
    ]
    key = f"{info.get('size')}:{system.ukey(path)}:{':'.join(marks)}" if marks else ""
    return RemoteFile(named(path, base), key, address, lambda: system.open(path, "rb"))


def base_of(path: str) -> str:
    """The folder before the first part with a sign of a glob, or the file's own folder."""
    parts = path.split("/")
    fixed = next((n for n, part in enumerate(parts) if re.search(r"[*?\[]", part)), len(parts) - 1)
    return "/".join(parts[:fixed])


def named(path: str, base: str) -> str:
    return shown(path.removeprefix(base).lstrip("/"))


@contextmanager
def copied(remote: RemoteFile, scratch: Path) -> Iterator[BinaryIO]:
    """The file's bytes in a scratch file: parsers go back and forth, which networks do badly."""
    with TemporaryFile(dir=scratch) as local:
        with told(remote.address), remote.open() as source:
            shutil.copyfileobj(cast(IO[bytes], source), local, CHUNK)
        local.seek(0)
        yield cast(BinaryIO, local)


@contextmanager
def told(address: str) -> Iterator[None]:
    """Whatever a network or a file system's package raises, as a refusal with the address."""
    try:
        yield
    except ImportError as error:
        # Ours is an extra for s3 alone; for the others fsspec says which package it wants.
        known = address.startswith("s3:")
        wanted = "pip install 'xuxie[s3]'" if known else first_line(error)
        raise Refusal(
            ExitCode.UNAVAILABLE,
            f"读取 {address} 缺少软件包；请安装：{wanted}",
            f"{address} needs a package that is missing: {wanted}",
        ) from None
    except Exception as error:
        raise Refusal(
            ExitCode.UNAVAILABLE,
            f"无法读取 {address}（{first_line(error)}）；请检查地址、网络和凭证",
            f"cannot read {address} ({first_line(error)}); check address, network, credentials",
        ) from None
