"""Runs made again, stage by stage, in a checkout of their own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkout import Checkout
from xuxie import config
from xuxie.errors import ExitCode, Refusal
from xuxie.proof.cache import cache_of
from xuxie.proof.record import record_of
from xuxie.proof.reproduce import Wish, reproduce
from xuxie.proof.rerun import how


@pytest.fixture
def made(project: Checkout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The project's folder, for calls in this process; temporary folders are ours."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.chdir(project.folder)
    yield project.folder


def again(folder: Path, what: str, last: str, *, anyway: bool = False) -> tuple[bool, str]:
    """Whether it came out identical, and what was said."""
    said: list[str] = []
    wish = Wish(what=what, last=last, fresh=False, anyway=anyway, folder=None)
    same = reproduce(folder, config.load(folder / "params.yaml").track, wish, said.append)
    return same, "\n".join(said)


def times(folder: Path) -> dict[Path, int]:
    """When each file of the workspace was last written; git's index is git's own."""
    return {
        path: path.stat().st_mtime_ns
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] != ".git"
    }


def name_of_the_run(project: Checkout) -> str:
    [(name,)] = project.query("SELECT name FROM runs ORDER BY start_time LIMIT 1")
    return name


def test_a_run_comes_out_identical_and_the_workspace_is_left_alone(
    made: Path, project: Checkout, tmp_path: Path
) -> None:
    before = times(made), project.run("git", "status", "--porcelain").stdout
    same, said = again(made, name_of_the_run(project), "ingest")
    assert same
    assert "ingest     逐字节相同 identical" in said
    assert (times(made), project.run("git", "status", "--porcelain").stdout) == before
    assert list(tmp_path.glob("xuxie-reproduce-*")) == []


def test_other_parameters_give_other_bytes_and_the_first_stage_is_named(
    made: Path, project: Checkout
) -> None:
    project.edit("params.yaml", "licence: licence", "licence: source")
    project.run("git", "commit", "--quiet", "--all", "--message", "a lock that tells untrue things")
    try:
        with pytest.raises(Refusal, match=r"stage ingest: params\.yaml \[ingest\] is not"):
            again(made, "HEAD", "clean")
        same, said = again(made, "HEAD", "clean", anyway=True)
    finally:
        project.run("git", "reset", "--quiet", "--hard", "HEAD~1")
    assert not same
    assert "the first stage that differs: ingest" in said
    assert "data/documents/" in said
    assert "differs from byte" in said


def test_a_byte_changed_in_the_cache_is_refused_with_its_stage(made: Path, tmp_path: Path) -> None:
    raw = next(path for path in (made / "data/raw/demo").rglob("*") if path.stat().st_size > 1000)
    for place in made.glob(".dvc/cache/files/md5/*/*"):
        if place.read_bytes() == raw.read_bytes():
            good = place.read_bytes()
            place.chmod(0o644)
            place.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
            break
    try:
        with pytest.raises(Refusal, match=r"stage fetch: data/raw/demo/.* damaged") as refusal:
            again(made, "1", "ingest")
    finally:
        place.write_bytes(good)
        place.chmod(0o444)
    assert refusal.value.code is ExitCode.DATA
    assert list(tmp_path.glob("xuxie-reproduce-*")) == []


def test_code_that_the_lock_was_not_made_with_is_refused(made: Path, project: Checkout) -> None:
    project.edit("src/xuxie/split/assign.py", '"""', '"""再想想。')
    project.run("git", "commit", "--quiet", "--all", "--message", "code, without its results")
    try:
        with pytest.raises(Refusal, match="stage split: src/xuxie/split is not"):
            again(made, "HEAD", "split")
    finally:
        project.run("git", "reset", "--quiet", "--hard", "HEAD~1")


def test_a_run_of_uncommitted_code_is_refused_with_the_files(made: Path, project: Checkout) -> None:
    name = name_of_the_run(project)
    mark(project, name, "git.changed", "yes")
    mark(project, name, "git.changed_files", "src/xuxie/clean/mix.py")
    try:
        with pytest.raises(Refusal, match=r"src/xuxie/clean/mix\.py") as refusal:
            again(made, name, "ingest")
    finally:
        mark(project, name, "git.changed", "no")
    assert refusal.value.code is ExitCode.DATA


def mark(project: Checkout, run: str, key: str, value: str) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{project.folder / 'mlflow.db'}")
    [(run_id,)] = project.query(f"SELECT run_uuid FROM runs WHERE name = '{run}'")
    client.set_tag(run_id, key, value)


def test_a_machine_that_computes_otherwise_is_told_before_the_work(
    made: Path, project: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "default")
    with pytest.raises(Refusal, match="cannot reproduce that model to the byte") as refusal:
        again(made, name_of_the_run(project), "")
    assert refusal.value.code is ExitCode.UNAVAILABLE
    assert "指令集 instruction set" in str(refusal.value)


def test_nothing_is_called_that(made: Path) -> None:
    with pytest.raises(Refusal, match="nosuchrun") as refusal:
        again(made, "nosuchrun", "")
    assert refusal.value.code is ExitCode.UNAVAILABLE


def test_run_version_and_revision_tell_the_same(made: Path, project: Checkout) -> None:
    tracking, cache = config.load(made / "params.yaml").track, cache_of(made)
    names = (name_of_the_run(project), "1", "xuxie/1", "HEAD")
    records = [record_of(made, cache, tracking, name) for name in names]
    assert len({record.params for record in records}) == 1
    assert len({tuple(sorted(map(str, record.outputs))) for record in records}) == 1
    assert len({str(record.model) for record in records}) == 1


def test_where_two_files_part(tmp_path: Path) -> None:
    for name, content in (("then", b"a" * 70_000 + b"b"), ("now", b"a" * 70_000 + b"cd")):
        (tmp_path / name).write_bytes(content)
    assert "differs from byte 70,000 (70,001 → 70,002)" in how(tmp_path / "then", tmp_path / "now")
    shutil.copy(tmp_path / "then", tmp_path / "longer")
    with (tmp_path / "longer").open("ab") as file:
        file.write(b"!")
    assert "from byte 70,001" in how(tmp_path / "then", tmp_path / "longer")
