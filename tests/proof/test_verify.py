"""Planted faults in everything that is kept, and what verify says and does about them."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkout import Checkout
from xuxie.proof.damage import Kind
from xuxie.proof.verify import Findings, verify
from xuxie.store.files import write_bytes
from xuxie.store.manifest import seal

ROUNDS, FAULTS = 5, 10


@pytest.fixture
def kept(project: Checkout, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The project's folder, with the checkpoints of a training; its bytes are put back."""
    folder = project.folder
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(folder)
    for step in ("step-000000003", "step-000000004", "best-000000004"):
        place = folder / "runs/train/0123456789abcdef" / step
        write_bytes(place / "state.pt", random.Random(step).randbytes(3000))
        write_bytes(place / "summary.json", b'{"best_step": 4}\n')
        seal(place)
    before = contents(folder)
    yield folder
    put_back(folder, before)


def contents(folder: Path) -> dict[Path, bytes]:
    return {
        path: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts[:1]
    }


def put_back(folder: Path, before: dict[Path, bytes]) -> None:
    for path, content in before.items():
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.write_bytes(content)
            if ".dvc/cache" in path.as_posix():
                path.chmod(0o444)
    for path in contents(folder).keys() - before.keys():
        path.unlink()


def checked(folder: Path, *, repair: bool = False) -> Findings:
    return verify(folder, "xuxie", repair=repair, tell=lambda _: None)


def places(folder: Path) -> dict[Kind, list[Path]]:
    """Files of each kind that are not empty."""
    tops = ("data", "models", "samples", "reports", "plots", "metrics")
    found = {
        Kind.CACHE: folder.glob(".dvc/cache/files/md5/*/*"),
        Kind.OUTPUT: (path for top in tops for path in (folder / top).rglob("*")),
        Kind.CHECKPOINT: folder.glob("runs/train/*/*/*"),
        Kind.ARTIFACT: folder.glob("mlartifacts/**/*"),
    }
    names = {".gitkeep", ".gitignore"}
    return {
        kind: sorted(
            path
            for path in paths
            if path.is_file() and path.stat().st_size and path.name not in names
        )
        for kind, paths in found.items()
    }


def harm(path: Path, chance: random.Random) -> None:
    """One byte changed, or the end cut off; the file's mode stays."""
    data, mode = bytearray(path.read_bytes()), path.stat().st_mode
    if chance.random() < 0.5:
        data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
    else:
        del data[chance.randrange(len(data)) :]
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(mode)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_every_random_fault_is_found_and_mended(kept: Path, seed: int) -> None:
    chance, candidates = random.Random(seed), places(kept)
    chosen = [chance.choice(candidates[kind]) for kind in list(candidates) * FAULTS]
    struck = list(dict.fromkeys(chosen))[:FAULTS]
    before = {path: path.read_bytes() for path in struck}
    for path in struck:
        harm(path, chance)
    findings = checked(kept, repair=True)
    found = {damage.path for damage in findings.damages}
    assert [path for path in struck if not (found & {path, *path.parents})] == []
    left = places(kept)
    spare = {p: p.read_bytes() for found in left.values() for p in found if p not in struck}
    for path, content in before.items():
        if not path.exists() or path.read_bytes() != content:
            # No copy was left of it, as verify says, or it is a checkpoint and lies aside.
            assert content not in spare.values() or path.is_relative_to(kept / "runs")
            assert path.is_relative_to(kept / "runs") or {d.path for d in findings.left}
