"""The stages run again one by one, each compared with the record before the next begins."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from xuxie.errors import ExitCode, Refusal
from xuxie.proof.cache import Cache
from xuxie.proof.digests import Reader
from xuxie.proof.lock import Output, outputs_of, stages_of
from xuxie.proof.record import Record
from xuxie.proof.worktree import GIVEN, Worktree
from xuxie.track.outputs import files_below

LOG = Path("reproduce.log")


@dataclass(frozen=True)
class Rerun:
    """
    files: path -> how it differs; empty where all is identical.
    why: the stage's bytes are not on record, and it was not run.
    """

    stage: str
    seconds: float = 0.0
    files: dict[str, str] = field(default_factory=dict)
    why: str = ""


def rerun(
    tree: Worktree, record: Record, cache: Cache, reader: Reader, last: str
) -> Iterator[Rerun]:
    """Each stage as it ends; nothing follows one that differs.

    Args:
        last: the stage after which to stop; empty for all.

    Raises:
        Refusal: (exit code 77) a stage failed that once ended well.
    """
    for name in dict.fromkeys([*(out.stage for out in record.outputs), *record.unknown]):
        if name in GIVEN:
            continue
        if name in record.unknown:
            yield Rerun(name, why=record.unknown[name])
            continue
        began = time.monotonic()
        words = ("repro", "--force", "--single-item", "--no-run-cache", "--no-commit", name)
        if tree.run(str(tree.python), "-m", "dvc", *words, log=tree.folder / LOG):
            raise stopped(name, tree.folder / LOG)
        files = differences(name, tree.folder, record, cache, reader)
        yield Rerun(name, time.monotonic() - began, files)
        if files or name == last:
            return


def differences(
    stage: str, folder: Path, record: Record, cache: Cache, reader: Reader
) -> dict[str, str]:
    """By what dvc.lock says of the stage now: DVC has just hashed what it wrote."""
    lock = stages_of((folder / "dvc.lock").read_text(encoding="utf-8"))
    now = {out.path: out.hash for out in outputs_of(lock) if out.stage == stage}
    found: dict[str, str] = {}
    for output in record.outputs:
        if output.stage == stage and now.get(output.path) != output.hash:
            found |= within(output, folder, cache, reader)
    return found


def within(output: Output, folder: Path, cache: Cache, reader: Reader) -> dict[str, str]:
    """The files of an output that differ, as far as the cache still tells."""
    place = folder / output.path
    recorded = {"": output.hash}
    if output.is_folder:
        recorded = cache.listing(reader, output.hash) or {}
    paths = {p.relative_to(place).as_posix() if p != place else "": p for p in below(place)}
    found: dict[str, str] = {}
    for name in sorted(recorded.keys() | paths.keys()):
        digest = reader.read(paths[name]) if name in paths else None
        if digest is None or digest.md5 != recorded.get(name):
            then = cache.place(recorded[name]) if name in recorded else None
            found[f"{output.path}/{name}".rstrip("/")] = how(then, paths.get(name))
    return found or {output.path: "不同 differs"}


def below(place: Path) -> list[Path]:
    return files_below(place) if place.is_dir() else [place]


def how(then: Path | None, now: Path | None) -> str:
    """Where two files part."""
    if now is None:
        return "现在没有 missing now"
    if then is None or not then.exists():
        return "不同 differs"
    with then.open("rb") as one, now.open("rb") as other:
        offset = 0
        while (a := one.read(1 << 16)) == (b := other.read(1 << 16)) and a:
            offset += len(a)
    offset += next(
        (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )
    sizes = f"{then.stat().st_size:,} → {now.stat().st_size:,}"
    return f"从第 {offset:,} 字节起不同 differs from byte {offset:,} ({sizes})"


def stopped(stage: str, log: Path) -> Refusal:
    said = (log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["?"])[-1]
    return Refusal(
        ExitCode.DIFFERENT,
        f"阶段 {stage} 重做时失败：{said}（完整输出 {log}）",
        f"stage {stage} failed when it was run again: {said} (all it said: {log})",
    )
