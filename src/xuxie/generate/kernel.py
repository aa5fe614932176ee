"""kernel.c, compiled for this processor where there is a compiler."""

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("kernel.c")
COMPILERS = ("cc", "gcc", "clang")
# -O3 takes three times as long and gives nothing. Apple's clang has no OpenMP: one thread then.
PLAIN = ("-O2", "-march=native", "-fPIC", "-shared", "-std=gnu11", "-w")
OPTIONS = ((*PLAIN, "-fopenmp"), PLAIN)


class Product(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("weight", "scale", "bias")),
        *((name, ctypes.c_int64) for name in ("inputs", "outputs")),
    )


class Norm(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_void_p) for name in ("gain", "bias"))


class Layer(ctypes.Structure):
    _fields_ = (
        *((name, Norm) for name in ("before", "between")),
        *((name, Product) for name in ("attend", "attended", "widen", "narrow")),
        ("scale", ctypes.c_float),
    )


class Model(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("words", "places")),
        ("layers", ctypes.POINTER(Layer)),
        ("last", Norm),
        ("head", Product),
        *((name, ctypes.c_int64) for name in ("depth", "width", "inner", "heads")),
        ("epsilon", ctypes.c_float),
    )


class Memory(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("keys", "values")),
        *((name, ctypes.c_int64) for name in ("rows", "room")),
    )


@cache
def library() -> ctypes.CDLL | None:
    """None without a compiler, or with one that cannot compile the kernel.

    Compiling takes about a second; the result is kept in the user's cache for the next process.
    """
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None:
        return None
    try:
        return loaded(compiled(compiler, cache_directory()))
    except (OSError, subprocess.SubprocessError):
        return None


def loaded(path: Path) -> ctypes.CDLL:
    made = ctypes.CDLL(str(path))
    address, count = ctypes.c_void_p, ctypes.c_int64
    made.xuxie_read.restype = None
    made.xuxie_read.argtypes = [
        *(ctypes.POINTER(Model), ctypes.POINTER(Memory)),
        *(address, address, address, count, address, count, address, address, ctypes.c_int),
    ]
    return made


def cache_directory() -> Path:
    """Of this user alone: what lies there is executed."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xuxie"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = home.stat()
    if found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise PermissionError(home)
    return home


def compiled(compiler: str, folder: Path) -> Path:
    """The library of this source, compiler and processor; written whole or not at all."""
    version = subprocess.run([compiler, "--version"], capture_output=True, check=True, timeout=60)
    key = hashlib.sha256(SOURCE.read_bytes() + version.stdout + processor().encode())
    kept = folder / f"kernel-{key.hexdigest()[:32]}.so"
    if not kept.exists():
        with tempfile.TemporaryDirectory(dir=folder) as work:
            build(compiler, Path(work) / kept.name).replace(kept)
    return kept


def build(compiler: str, out: Path) -> Path:
    for options in OPTIONS:
        words = [compiler, *options, "-o", str(out), str(SOURCE), "-lm"]
        if subprocess.run(words, capture_output=True, timeout=300, check=False).returncode == 0:
            return out
    raise OSError(f"{compiler}: {SOURCE.name}")


def processor() -> str:
    """What -march=native may depend on."""
    described = Path("/proc/cpuinfo")
    if not described.exists():
        return f"{platform.machine()} {platform.processor()} {platform.node()}"
    lines = described.read_text().split("\n\n")[0].splitlines()
    telling = ("model name", "flags", "Features", "CPU part")
    return platform.machine() + "".join(line for line in lines if line.startswith(telling))
