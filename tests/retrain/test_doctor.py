"""What crashes leave behind, planted for real, found, mended or explained."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from damage import flip
from promotions import UNTRACKED, begin, wanted
from waiting import wait_until
from xuxie.errors import Refusal
from xuxie.retrain.doctor import examine
from xuxie.retrain.doctor.locks import is_dvc
from xuxie.retrain.promotion.ledger import JOURNAL, entries
from xuxie.retrain.promotion.promote import promote
from xuxie.retrain.promotion.rollback import roll_back
from xuxie.store.manifest import verify
from xuxie.track.champion import POINTER, champion
from xuxie.track.connection import connect
from xuxie.track.settings import TrackSettings


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two champions, one after the other."""
    begin(tmp_path)
    promote(tmp_path, UNTRACKED, wanted(tmp_path, "one", None))
    promote(tmp_path, UNTRACKED, wanted(tmp_path, "two", "1"))
    return tmp_path


def findings(project: Path, tracking: TrackSettings = UNTRACKED) -> list[tuple[bool, str]]:
    return [(found.mended, found.english) for found in examine(project, tracking, print)]


def test_nothing_is_wrong_with_a_project_that_is_well(project: Path) -> None:
    assert findings(project) == []


def rwlock(number: int) -> str:
    return json.dumps({"/data": {"write": {"pid": number, "cmd": "dvc repro"}, "read": []}})


@pytest.mark.fault("D6")
@pytest.mark.parametrize("text", ["", '{"/data": {"wri', rwlock(1), rwlock(2**22 + 1)])
def test_a_lock_of_dvc_without_a_dvc_goes(project: Path, text: str) -> None:
    path = project / ".dvc/tmp/rwlock"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    [(mended, said)] = findings(project)
    assert mended
    assert ".dvc/tmp/rwlock" in said
    assert not path.exists()


def test_the_lock_of_a_living_dvc_stays(project: Path) -> None:
    path = project / ".dvc/tmp/rwlock"
    path.parent.mkdir(parents=True)
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)", "dvc", "repro"]
    with subprocess.Popen(sleeper) as process:
        # For a moment after its start a process has no command line.
        wait_until(lambda: is_dvc(process.pid))
        path.write_text(rwlock(process.pid))
        found = findings(project)
        process.kill()
    assert found == []
    assert path.exists()


def test_half_written_folders_go(project: Path) -> None:
    for place in ("runs/champion/.v3.partial", "runs/retrain/scored/.abc.partial"):
        (project / place / "metrics").mkdir(parents=True)
    assert [mended for mended, _ in findings(project)] == [True, True]
    assert list((project / "runs").rglob(".*.partial")) == []


def test_an_empty_folder_in_the_run_cache_goes(project: Path) -> None:
    entry = project / ".dvc/cache/runs/ab/abcdef"
    entry.mkdir(parents=True)
    assert [mended for mended, _ in findings(project)] == [True]
    assert not entry.exists()


@pytest.mark.parametrize("text", ["", '{"version": "2"', None])
def test_a_pointer_that_cannot_be_read_is_what_the_journal_says(
    project: Path, text: str | None
) -> None:
    roll_back(project, "1")
    before = champion(project)
    (project / POINTER).unlink()
    if text is not None:
        (project / POINTER).write_text(text)
    [(mended, _)] = findings(project)
    assert mended
    now = champion(project)
    assert now is not None
    assert before is not None
    assert (now.version, now.fingerprint, now.serial, now.previous) == (
        before.version,
        before.fingerprint,
        before.serial,
        before.previous,
    )


@pytest.mark.fault("K5")
def test_a_rollback_that_the_journal_does_not_know_is_noted(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill between the pointer and the journal leaves both as they were, but for the entry."""
    with monkeypatch.context() as patch:
        patch.setattr("xuxie.retrain.promotion.rollback.append_move", lambda *_: None)
        roll_back(project, None)
    [(mended, said)] = findings(project)
    assert mended
    assert "a rollback to v1 was interrupted" in said
    assert list(entries(project))[-1]["version"] == "1"
    assert findings(project) == []


def test_without_pointer_and_model_a_person_chooses(project: Path) -> None:
    (project / POINTER).write_text("{")
    shutil.rmtree(project / "runs/champion/v2")
    with pytest.raises(Refusal, match="xuxie doctor"):
        roll_back(project, "1")
    [(mended, said)] = findings(project)
    assert not mended
    assert "xuxie rollback --to VERSION" in said
    # The lost pointer had moved twice: this is the third time, and the journal's third move.
    assert roll_back(project, "1").serial == 3
    assert [entry["version"] for entry in entries(project)] == ["1", "2", "1"]


@pytest.mark.fault("D4")
def test_a_damaged_champion_is_restored_from_the_same_bytes(project: Path) -> None:
    now = champion(project)
    assert now is not None
    flip(next((project / now.folder).glob("*.safetensors")))
    [(mended, said)] = findings(project)
    assert not mended
    assert "xuxie rollback" in said
    shutil.copytree(project / "challenger-two", project / "runs/retrain/jobs/1/challenger/model")
    [(mended, said)] = findings(project)
    assert mended
    assert "runs/retrain/jobs/1/challenger/model" in said
    assert verify(project / now.folder) == now.fingerprint


def test_a_journal_that_was_edited_is_explained_and_left(project: Path) -> None:
    path = project / JOURNAL
    edited = path.read_text().replace('"version": "1"', '"version": "9"', 1)
    path.write_text(edited)
    [(mended, said)] = findings(project)
    assert not mended
    assert f"{JOURNAL} breaks at line" in said
    assert path.read_text() == edited


def test_half_registrations_go_but_those_of_champions_are_explained(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As kills of MLflow's own client leave them: a version of a model that is not logged whole."""
    monkeypatch.setenv("DVC_ROOT", str(project))
    monkeypatch.chdir(project)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    client, name = connect(), UNTRACKED.model
    client.create_registered_model(name)
    half = client.create_logged_model(client.create_experiment(UNTRACKED.experiment), name="model")
    for _ in range(3):
        client.create_model_version(name, f"models:/{half.model_id}")
    found = findings(project, UNTRACKED.model_copy(update={"enabled": True}))
    told = {mended: [said for state, said in found if state == mended] for mended in (True, False)}
    assert any("removed v3" in said for said in told[True])
    assert sorted(said[:31] for said in told[False]) == [
        "MLflow has lost the files of v1",
        "MLflow has lost the files of v2",
    ]
    assert {v.version for v in client.search_model_versions(f"name = '{name}'")} == {1, 2}
