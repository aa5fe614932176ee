"""Whether this machine computes as the one that trained a model: asked in seconds, beforehand."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from xuxie.errors import ExitCode, Refusal
from xuxie.proof.record import Record

NAMES = {
    "fingerprint": "指纹 fingerprint",
    "instructions": "指令集 instruction set",
    "machine": "处理器 processor",
    "device": "设备 device",
    "threads": "线程数 threads",
    "precision": "精度 precision",
}


@dataclass(frozen=True)
class Comparison:
    """
    recorded, here: numerics profiles, the fingerprint among them.
    """

    recorded: dict[str, str]
    here: dict[str, str]

    @property
    def differences(self) -> list[str]:
        return [k for k, value in sorted(self.recorded.items()) if self.here.get(k) != value]

    @property
    def alike(self) -> bool:
        """The fingerprint decides; where none was recorded, all the profile must agree."""
        if "fingerprint" in self.recorded:
            return "fingerprint" not in self.differences
        return not self.differences

    def lines(self) -> list[str]:
        """`threads: 2 → 4` for each difference."""
        return [
            f"{NAMES.get(k, k)}: {self.recorded[k][:16]} → {self.here.get(k, '?')[:16]}"
            for k in self.differences
        ]


def compared(
    record: Record, python: Path, folder: Path | None = None, **environment: str
) -> Comparison:
    """Let the code of `folder` compute the fingerprint; without one, or where it has none, ours.

    Raises:
        Refusal: (exit code 69) the model left nothing to compare with.
    """
    if not record.numerics():
        raise nothing_recorded(record.what)
    own = folder is not None and (folder / "src/xuxie/train/fingerprint.py").exists()
    with tempfile.TemporaryDirectory() as place:
        for name, content in record.model.items():
            (Path(place) / name).write_bytes(content)
        done = subprocess.run(
            [str(python), "-m", "xuxie.train.fingerprint", place],
            cwd=folder,
            env={**environment, "PYTHONPATH": "src"} if own else None,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise failed(done.stderr.strip().splitlines()[-1:] or ["?"])
    here = json.loads(done.stdout.splitlines()[-1])
    return Comparison(record.numerics(), {key: str(value) for key, value in here.items()})


def here(record: Record) -> Comparison:
    return compared(record, Path(sys.executable))


def nothing_recorded(what: str) -> Refusal:
    return Refusal(
        ExitCode.UNAVAILABLE,
        f"{what} 没有记录训练它的机器（config.json 和 training.json），无法比较",
        f"{what} has no record of the machine that trained it (config.json and training.json)",
    )


def failed(said: list[str]) -> Refusal:
    return Refusal(
        ExitCode.UNAVAILABLE,
        f"无法在这台机器上计算指纹：{said[0]}",
        f"the fingerprint cannot be computed on this machine: {said[0]}",
    )


def verdict(found: Comparison) -> str:
    if found.alike:
        return "这台机器可以重现该模型 | this machine can reproduce that model to the byte"
    return (
        "这台机器不能逐字节重现该模型 | this machine cannot reproduce that model to the byte:\n  "
        + "\n  ".join(found.lines())
    )
