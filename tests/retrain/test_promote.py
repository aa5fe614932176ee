"""A promotion killed between any two of its actions, two at once, and back again."""

import json
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing import Event, Process, Queue
from multiprocessing.synchronize import Event as Flag
from pathlib import Path
from typing import Any

import pytest

from challengers import candidate
from promotions import UNTRACKED, begin, git, wanted
from xuxie.errors import ExitCode, Refusal
from xuxie.retrain.job import Job, begun
from xuxie.retrain.places import champion as ruling
from xuxie.retrain.prepare import overtaken
from xuxie.retrain.promotion.branch import BRANCH
from xuxie.retrain.promotion.ledger import JOURNAL, entries
from xuxie.retrain.promotion.promote import Promotion, keep, promote
from xuxie.retrain.promotion.rollback import roll_back
from xuxie.store.ledger import broken
from xuxie.store.manifest import verify
from xuxie.track.champion import POINTER, champion, move

POINTS = ("register", "copy", "move", "journal", "commit", "mirror", "end")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return begin(tmp_path)


def kinds(project: Path) -> list[str]:
    return [entry["kind"] for entry in entries(project)]


def killed_at(point: str, project: Path, *words: str) -> None:
    """What these words do at the end of this file, in a process that ends there."""
    done = subprocess.run(
        [sys.executable, __file__, str(project), *words],
        env={"FP": point, "PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin"},
        check=False,
    )
    assert done.returncode == -9


@pytest.mark.fault("K4")
@pytest.mark.parametrize("point", POINTS)
def test_killed_anywhere_and_called_again_it_is_done_once(project: Path, point: str) -> None:
    first = wanted(project, "one", None)
    promote(project, UNTRACKED, first)
    second = wanted(project, "two", "1")
    killed_at(point, project, "two", "1")
    found = champion(project)
    assert found is not None
    assert found.version == ("1" if POINTS.index(point) <= POINTS.index("move") else "2")
    assert verify(project / found.folder) == found.fingerprint
    promote(project, UNTRACKED, second)
    now = champion(project)
    assert now is not None
    assert (now.version, now.previous, now.serial) == ("2", "1", 2)
    assert verify(project / now.folder) == second.challenger.fingerprint
    assert sorted(path.name for path in project.glob("runs/champion/v*")) == ["v1", "v2"]
    assert kinds(project) == ["promotion", "promotion"]
    assert broken(project / JOURNAL) is None
    assert git(project, "log", "--format=%s", "main..champion").splitlines() == [
        "Champion voice v2",
        "Champion voice v1",
    ]
    assert not list(project.rglob("*.tmp"))


def test_git_gets_a_branch_and_the_checkout_stays(project: Path) -> None:
    (project / "dvc.lock").write_text("the user's own change\n")
    promote(project, UNTRACKED, wanted(project, "one", None))
    assert git(project, "show", "champion:dvc.lock") == "of one"
    assert git(project, "show", "champion:metrics/evaluate.json") == "{}"
    assert git(project, "status", "--porcelain") == "M dvc.lock"
    assert git(project, "rev-parse", "--abbrev-ref", "HEAD") == "main"


@pytest.mark.fault("git")
def test_a_branch_that_somebody_moved_keeps_their_commit(project: Path) -> None:
    promote(project, UNTRACKED, wanted(project, "one", None))
    theirs = git(
        project, "commit-tree", "main^{tree}", "-p", "champion", "-m", "a note of a person"
    )
    git(project, "update-ref", BRANCH, theirs)
    promote(project, UNTRACKED, wanted(project, "two", "1"))
    subjects = git(project, "log", "--first-parent", "--format=%s", "champion").splitlines()
    assert subjects[:3] == ["Champion voice v2", "a note of a person", "Champion voice v1"]


@pytest.mark.fault("S9")
def test_a_model_exchanged_after_its_evaluation_is_refused(project: Path) -> None:
    promotion = wanted(project, "one", None)
    candidate("other", promotion.challenger.model)
    with pytest.raises(Refusal, match="not the model that was evaluated") as refusal:
        promote(project, UNTRACKED, promotion)
    assert refusal.value.code is ExitCode.DATA
    assert champion(project) is None


@pytest.mark.fault("S5")
def test_of_two_promotions_one_wins(project: Path) -> None:
    promote(project, UNTRACKED, wanted(project, "one", None))
    wishes = [wanted(project, name, "1") for name in ("two", "three")]
    results: Queue[str] = Queue()

    def attempt(version: int, promotion: Promotion) -> None:
        try:
            move(project, "1", str(version), promotion.challenger.fingerprint, after=1)
            results.put("won")
        except Refusal as refusal:
            results.put(str(refusal))

    attempts = [Process(target=attempt, args=(n, w)) for n, w in enumerate(wishes, start=2)]
    for process in attempts:
        process.start()
    told = sorted(results.get(timeout=60) for _ in attempts)
    for process in attempts:
        process.join()
    assert told[0] == "won"
    assert "the champion moved from v1 to v" in told[1]


def test_rollback_goes_to_the_one_before_and_to_any(project: Path) -> None:
    for number, name in enumerate(("one", "two", "three")):
        promote(project, UNTRACKED, wanted(project, name, str(number) if number else None))
    assert roll_back(project, None).version == "2"
    assert roll_back(project, "1").version == "1"
    now = champion(project)
    assert now is not None
    assert (now.version, now.previous, now.serial) == ("1", "2", 5)
    assert kinds(project)[-2:] == ["rollback", "rollback"]


@pytest.mark.fault("K5")
def test_a_rollback_that_was_killed_is_finished_by_the_next(project: Path) -> None:
    """Not undone: without a version it would go to the champion before, which was the newer one."""
    promote(project, UNTRACKED, wanted(project, "one", None))
    promote(project, UNTRACKED, wanted(project, "two", "1"))
    killed_at("rollback", project)
    assert kinds(project) == ["promotion", "promotion"]
    assert roll_back(project, None).version == "1"
    assert kinds(project) == ["promotion", "promotion", "rollback"]
    assert list(entries(project))[-1]["from"] == "2"
    assert roll_back(project, None).version == "2"


@pytest.fixture
def half_promoted(project: Path) -> Job:
    """The job of a second champion, killed before the journal knew of it."""
    promote(project, UNTRACKED, wanted(project, "one", None))
    job = begun(
        project, trigger="", commit="", strategy="auto", forced=False, champion=ruling(project)
    )
    second = wanted(project, "two", "1")
    job.tell(project, challenger=second.challenger.fingerprint)
    killed_at("journal", project, "two", "1")
    return job


def test_a_job_that_is_half_promoted_goes_on(project: Path, half_promoted: Job) -> None:
    assert not overtaken(project, half_promoted)


@pytest.mark.fault("K4")
def test_what_was_rolled_back_half_promoted_is_not_promoted_again(
    project: Path, half_promoted: Job
) -> None:
    assert roll_back(project, None).version == "1"
    assert kinds(project) == ["promotion", "promotion", "rollback"]
    assert [entry["version"] for entry in entries(project)] == ["1", "2", "1"]
    assert overtaken(project, half_promoted)


@pytest.mark.parametrize("version", ["7", None])
def test_there_must_be_something_to_go_back_to(project: Path, version: str | None) -> None:
    promote(project, UNTRACKED, wanted(project, "one", None))
    with pytest.raises(Refusal, match="1"):
        roll_back(project, version)


@pytest.mark.fault("D5")
def test_a_damaged_version_is_not_brought_back(project: Path) -> None:
    promote(project, UNTRACKED, wanted(project, "one", None))
    promote(project, UNTRACKED, wanted(project, "two", "1"))
    weights = project / "runs/champion/v1/model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(Refusal, match="differs from the SHA-256"):
        roll_back(project, None)
    found = champion(project)
    assert found is not None
    assert found.version == "2"


@pytest.fixture
def reader(project: Path) -> Iterator[tuple[Flag, "Queue[list[str]]"]]:
    """A process that reads the pointer all the time, and at the end tells what it saw."""
    stop, told = Event(), Queue()

    def watch() -> None:
        seen: list[str] = []
        while not stop.is_set():
            version = json.loads((project / POINTER).read_text())["version"]
            if not seen or seen[-1] != version:
                seen.append(version)
            stop.wait(0.002)
        told.put(seen)

    promote(project, UNTRACKED, wanted(project, "one", None))
    process = Process(target=watch)
    process.start()
    yield stop, told
    process.join(timeout=30)
    assert process.exitcode == 0


@pytest.mark.fault("S5")
def test_a_reader_always_finds_a_champion(project: Path, reader: tuple[Flag, Any]) -> None:
    stop, told = reader
    promote(project, UNTRACKED, wanted(project, "two", "1"))
    for _ in range(50):
        roll_back(project, None)
    stop.set()
    seen = told.get(timeout=30)
    assert set(seen) == {"1", "2"}
    assert len(seen) > 5


def test_another_registrys_version_does_not_replace_a_champion(project: Path) -> None:
    first = wanted(project, "one", None)
    promote(project, UNTRACKED, first)
    with pytest.raises(Refusal, match="belongs to another model"):
        keep(project / "runs/champion/v1", wanted(project, "two", "1").challenger)
    assert verify(project / "runs/champion/v1") == first.challenger.fingerprint


if __name__ == "__main__" and len(sys.argv) == 2:
    roll_back(Path(sys.argv[1]), None)
elif __name__ == "__main__":
    project, name, expected = Path(sys.argv[1]), *sys.argv[2:]
    promote(project, UNTRACKED, wanted(project, name, expected))
