"""What should be where, and what was found there instead."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from xuxie.proof.digests import Algorithm, Digest, Reader


class Kind(StrEnum):
    """What a file belongs to, in the words of a user."""

    CACHE = "DVC 缓存 DVC's cache"
    RUN_CACHE = "DVC 运行缓存 DVC's run cache"
    OUTPUT = "阶段的输出 output of a stage"
    SEALED = "有清单的目录 folder with a manifest"
    CHECKPOINT = "检查点 checkpoint"
    ARTIFACT = "MLflow 中的文件 file in MLflow"
    DATABASE = "MLflow 数据库 MLflow's database"
    JOURNAL = "流水记录 journal"
    GIT = "git 对象 git's objects"


class Problem(StrEnum):
    MISSING = "缺失 missing"
    CHANGED = "内容已变 changed"
    EXTRA = "多余 not recorded"


@dataclass(frozen=True)
class Expected:
    """A file and its recorded hash.

    owner: whose it is: the stage and output, the model's version, the run.
    """

    path: Path
    algorithm: Algorithm
    hash: str
    kind: Kind
    owner: str


@dataclass(frozen=True)
class Damage:
    """
    hash: what was recorded; empty where there is no single file to put back.
    content: the right bytes, where they follow from other files.
    advice: what to do when nothing here can put it back.
    """

    path: Path
    kind: Kind
    owner: str
    problem: Problem
    hash: str = ""
    content: bytes | None = None
    advice: str = ""


def compared(reader: Reader, expected: Expected, advice: str = "") -> Damage | None:
    """None where the file is as recorded."""
    found = reader.read(expected.path)
    if found is not None and found.by(expected.algorithm) == expected.hash:
        return None
    return Damage(
        expected.path,
        expected.kind,
        expected.owner,
        problem_of(expected.path, found),
        hash=expected.hash,
        advice=advice,
    )


def problem_of(path: Path, found: Digest | None) -> Problem:
    return Problem.MISSING if found is None and not path.exists() else Problem.CHANGED
