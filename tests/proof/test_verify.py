"""Planted faults in everything that is kept, and what verify says and does about them."""

import hashlib
import random
from pathlib import Path

import pytest

from checkout import Checkout
from damage import flip
from xuxie.errors import ExitCode, Refusal
from xuxie.proof.damage import Kind, Problem
from xuxie.proof.verify import Findings, verify
from xuxie.retrain.promotion.ledger import JOURNAL, append
from xuxie.store.files import write_bytes
from xuxie.store.lock import held
from xuxie.store.manifest import seal

ROUNDS, FAULTS = 5, 10


@pytest.fixture
def kept(project: Checkout, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's folder, with the checkpoints of a training."""
    folder = project.folder
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(folder)
    for step in ("step-000000003", "step-000000004", "best-000000004"):
        place = folder / "runs/train/0123456789abcdef" / step
        write_bytes(place / "state.pt", random.Random(step).randbytes(3000))
        write_bytes(place / "summary.json", b'{"best_step": 4}\n')
        seal(place)
    return folder


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


@pytest.mark.fault("D4", "D5")
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


def cached(folder: Path, name: str) -> Path:
    """The cache's copy of a file of the workspace."""
    md5 = hashlib.md5((folder / name).read_bytes()).hexdigest()
    return folder / ".dvc/cache/files/md5" / md5[:2] / md5[2:]


def test_nothing_is_wrong_with_a_fresh_project(kept: Path) -> None:
    findings = checked(kept)
    assert findings.damages == []
    assert findings.bytes > sum(path.stat().st_size for path in (kept / "models").rglob("*.*"))


def test_the_command_names_stage_and_file_and_puts_it_back(kept: Path, project: Checkout) -> None:
    weights = kept / "models/gpt/model.safetensors"
    good = weights.read_bytes()
    flip(weights)
    (kept / "conf/config.yaml").write_text("# 改过\n" + (kept / "conf/config.yaml").read_text())
    said = project.run("xuxie", "verify", code=ExitCode.DATA).stdout
    assert "train → models/gpt" in said
    assert "models/gpt/model.safetensors" in said
    assert "differ from git, no damage: conf/config.yaml" in said
    assert weights.read_bytes() != good
    assert "1 damaged, 1 repaired" in project.run("xuxie", "verify", "--repair").stdout
    assert weights.read_bytes() == good
    assert list((kept / "runs/damaged").rglob("model.safetensors"))


def test_a_damaged_cache_object_is_put_back_from_the_workspace(kept: Path) -> None:
    place = cached(kept, "data/splits/train.parquet")
    good = place.read_bytes()
    flip(place)
    findings = checked(kept, repair=True)
    assert [(d.path, d.kind) for d in findings.damages] == [(place, Kind.CACHE)]
    assert findings.damages[0].owner == "split → data/splits/train.parquet"
    assert (place.read_bytes(), place.stat().st_mode & 0o777) == (good, 0o444)


def test_where_both_are_damaged_it_says_what_to_run_and_keeps_the_bad_one(kept: Path) -> None:
    name = "data/splits/train.parquet"
    place = cached(kept, name)
    flip(place)
    flip(kept / name)
    findings = checked(kept, repair=True)
    assert {d.path for d in findings.left} == {place, kept / name}
    assert {d.advice for d in findings.left if d.path == kept / name} == {
        "dvc repro --force --single-item split"
    }
    # DVC would have handed it out.
    assert not place.exists()
    assert findings.aside is not None
    assert [path.name for path in findings.aside.rglob(place.name)] == [place.name]


def test_a_listing_is_rebuilt_from_the_folder(kept: Path) -> None:
    [lost] = [
        path
        for path in kept.glob(".dvc/cache/files/md5/*/*.dir")
        if b'"relpath": "model.safetensors"' in path.read_bytes()
    ]
    good = lost.read_bytes()
    lost.unlink()
    findings = checked(kept, repair=True)
    assert [(d.path, d.problem) for d in findings.damages] == [(lost, Problem.MISSING)]
    assert findings.left == []
    assert lost.read_bytes() == good


def test_what_lies_beside_dvc_is_read_too(kept: Path) -> None:
    [log, *_] = sorted((kept / "runs/tracking").glob("*-train-*/events.jsonl"))
    log.write_bytes(log.read_bytes().replace(b'"kind"', b'"kind', 1))
    run = next(path for path in kept.glob(".dvc/cache/runs/??/*/*") if path.is_file())
    run.write_bytes(run.read_bytes().replace(b"md5: ", b"md5: 0", 1))
    (kept / "models/gpt/notes.txt").write_text("不该在这里\n")
    found = {damage.path: damage.kind for damage in checked(kept).damages}
    assert found == {
        log: Kind.JOURNAL,
        run: Kind.RUN_CACHE,
        kept / "models/gpt/notes.txt": Kind.OUTPUT,
    }


def test_a_broken_database_is_named(kept: Path) -> None:
    database = kept / "mlflow.db"
    data = bytearray(database.read_bytes())
    data[4096:12288] = bytes(8192)
    database.write_bytes(data)
    assert [damage.kind for damage in checked(kept).damages] == [Kind.DATABASE]


def test_while_a_training_runs_nothing_is_repaired(kept: Path) -> None:
    flip(kept / "runs/train/0123456789abcdef/step-000000004/state.pt")
    with held(kept / "runs/train.lock"):
        findings = checked(kept)
        assert (findings.damages, findings.skipped) == ([], True)
        with pytest.raises(Refusal) as refusal:
            checked(kept, repair=True)
    assert refusal.value.code is ExitCode.BUSY


def test_a_stage_that_the_lock_forgot_is_named(kept: Path) -> None:
    lock = kept / "dvc.lock"
    whole = lock.read_text()
    lock.write_text(whole[: whole.index("  generate:")])
    assert checked(kept).unlisted == ["generate"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_an_entry_of_the_champions_journal_that_was_changed_is_found(
    kept: Path, number: int
) -> None:
    for version in ("1", "2", "3"):
        append("promotion", {"version": version}, kept)
    assert checked(kept).damages == []
    lines = (kept / JOURNAL).read_text().splitlines()
    lines[number] = lines[number].replace('"version": "', '"version": "7')
    (kept / JOURNAL).write_text("\n".join(lines) + "\n")
    [damage] = checked(kept).damages
    assert (damage.path, damage.kind) == (kept / JOURNAL, Kind.JOURNAL)
