"""A file that was damaged behind everybody's back."""

from pathlib import Path


def flip(path: Path) -> None:
    """Change one bit in the middle; the file's mode stays."""
    data, mode = bytearray(path.read_bytes()), path.stat().st_mode
    data[len(data) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(mode)
