"""A promotion's data in a remote: on a disk, on S3 (a real moto server), out of reach at first."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from waiting import free_port, wait_until
from xuxie.retrain.doctor.leftovers import unpushed
from xuxie.retrain.promotion.branch import commit
from xuxie.retrain.promotion.push import WAITING, push_champion, push_waiting

JOB = "20260101-020000"
TRAINED = "weights of the champion\n"
DVC = """\
stages:
  train:
    cmd: python -c "open('model.txt', 'w').write(open('text.txt').read())"
    deps: [text.txt]
    outs: [model.txt]
"""


def command(folder: Path, *words: str) -> str:
    author = ["-c", "user.name=tests", "-c", "user.email=tests@example.invalid"]
    words = ("git", *author, *words[1:]) if words[0] == "git" else (sys.executable, "-m", *words)
    done = subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A champion's commit on its branch; the workspace has gone on since."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name, text in {"dvc.yaml": DVC, "text.txt": "old\n", ".gitignore": "runs/\n"}.items():
        (folder / name).write_text(text)
    command(folder, "git", "init", "-q")
    command(folder, "dvc", "init", "-q")
    command(folder, "git", "add", ".")
    command(folder, "git", "commit", "-qm", "start")
    (folder / "text.txt").write_text(TRAINED)
    command(folder, "dvc", "repro", "-q")
    lock = (folder / "dvc.lock").read_bytes()
    commit(folder, command(folder, "git", "rev-parse", "HEAD"), {"dvc.lock": lock}, JOB, "Champion")
    (folder / "dvc.lock").unlink()
    (folder / "model.txt").unlink()
    return folder


def set_remote(project: Path, url: str, **settings: str) -> None:
    command(project, "dvc", "remote", "add", "-q", "--local", "-f", "-d", "storage", url)
    for name, value in settings.items():
        command(project, "dvc", "remote", "modify", "-q", "--local", "storage", name, value)


def pulled(project: Path, folder: Path, url: str, **settings: str) -> str:
    """What somebody gets who clones the branch and has nothing but the remote."""
    command(project, "git", "clone", "-q", "--branch", "champion", ".", str(folder))
    set_remote(folder, url, **settings)
    command(folder, "dvc", "pull", "-q")
    return (folder / "model.txt").read_text()


def test_others_pull_what_was_promoted(project: Path, tmp_path: Path) -> None:
    set_remote(project, "../storage")
    told: list[str] = []
    push_champion(project, JOB, told.append)
    assert told == []
    assert not (project / WAITING).exists()
    assert not (project / "model.txt").exists()
    assert pulled(project, tmp_path / "other", str(tmp_path / "storage")) == TRAINED


def test_without_a_remote_nothing_waits(project: Path) -> None:
    push_champion(project, JOB, pytest.fail)
    assert not (project / WAITING).exists()


@pytest.mark.fault("remote")
def test_a_remote_out_of_reach_gets_it_the_next_time(project: Path, tmp_path: Path) -> None:
    (tmp_path / "storage").write_text("no folder")
    set_remote(project, "../storage")
    told: list[str] = []
    push_champion(project, JOB, told.append)
    assert "tried again by the next xuxie retrain" in told[0]
    [finding] = unpushed(project, told.append)
    assert not finding.mended
    (tmp_path / "storage").unlink()
    assert push_waiting(project, pytest.fail)
    assert pulled(project, tmp_path / "other", str(tmp_path / "storage")) == TRAINED


def test_a_commit_that_is_gone_stops_no_retraining(project: Path) -> None:
    set_remote(project, "../storage")
    (project / WAITING).parent.mkdir(parents=True)
    (project / WAITING).write_text(json.dumps({"commit": "0" * 40}))
    told: list[str] = []
    assert not push_waiting(project, told.append)
    assert "dvc push failed" in told[0]


@contextmanager
def moto(port: int) -> Iterator[None]:
    words = [sys.executable, "-m", "moto.server", "-p", str(port)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(port))
        yield
    finally:
        process.terminate()
        process.wait()


def answers(port: int, path: str = "", method: str = "GET") -> bool:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/{path}", method=method)
    try:
        with urllib.request.urlopen(request):
            return True
    except OSError:
        return False


@pytest.mark.slow
def test_on_s3(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Needs `pip install -e .[stores]`."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setitem(os.environ, name, "tests")
    port, url = free_port(), "s3://models/xuxie"
    told: list[str] = []
    place = {"endpointurl": f"http://127.0.0.1:{port}", "region": "us-east-1"}
    set_remote(project, url, **place)
    push_champion(project, JOB, told.append)
    assert "dvc push failed" in told[0]
    with moto(port):
        assert answers(port, "models", "PUT")
        assert push_waiting(project, pytest.fail)
        assert pulled(project, tmp_path / "other", url, **place) == TRAINED
