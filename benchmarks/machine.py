"""One line about the machine and the versions a benchmark ran on."""

import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("torch", "transformers", "pytorch-lightning", "tokenizers")
UNITS = ("avx512f", "avx512_bf16", "amx_bf16")


def described(threads: int) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{processor()}, {os.cpu_count()} cores, {threads} threads, load"
        f" {os.getloadavg()[0]:.1f}; Python {platform.python_version()}, {versions};"
        f" {date.today().isoformat()}"
    )


def processor() -> str:
    """Its name and which of the units for matrices and wide vectors it has."""
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.exists():
        return platform.processor() or platform.machine()
    facts = {}
    for line in cpuinfo.read_text().split("\n\n")[0].splitlines():
        name, _, value = line.partition(":")
        facts[name.strip()] = value.strip()
    flags = facts.get("flags", "").split()
    has = ", ".join(f"{'has' if unit in flags else 'no'} {unit}" for unit in UNITS)
    return f"{facts.get('model name', platform.machine())} ({has})"
