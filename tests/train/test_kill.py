"""Killed with SIGKILL anywhere and started again, a training ends with the same bytes."""

import json
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Outputs, Settings
from killed import Job, in_process, within
from xuxie.errors import ExitCode, Refusal
from xuxie.train.checkpoints import check_room

STEPS = 60
STEP = "xuxie.train.module:LanguageModel.training_step"
POINTS = [
    (STEP, 1),
    (STEP, 31),
    (STEP, STEPS),
    ("xuxie.train.module:LanguageModel.validation_step", 5),
    ("os:fsync", 40),  # while a checkpoint is written
    ("xuxie.train.checkpoints:Checkpoints.forget", 20),
    ("xuxie.train.checkpoints:Checkpoints.write_best", 3),
    ("xuxie.train.stage:save", 1),
]
New = Callable[[], Job]


@pytest.fixture(scope="module")
def job(outputs: Outputs, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> New:
    chosen = settings(
        "experiment=smoke",
        "track.enabled=false",
        "train.epochs=1",
        "train.balance.exponent=0",
        "train.batch=1",
        "train.validations=6",
        "train.precision=fp32",
        "train.threads=1",
        "train.checkpoint_seconds=0",
        "model.dropout=0.1",
    )
    return lambda: Job(
        chosen, outputs.tokens, outputs.tokenizer, outputs.pretrained, tmp_path_factory.mktemp("k")
    )


@pytest.fixture(scope="module")
def undisturbed(job: New) -> dict[str, bytes]:
    whole = job()
    assert in_process(whole) == 0
    assert json.loads((whole.folder / "train.json").read_text())["steps"] == STEPS
    return whole.results()


@pytest.mark.fault("K3")
@pytest.mark.parametrize(("point", "count"), POINTS)
def test_a_killed_training_ends_as_if_nothing_had_happened(
    job: New, undisturbed: dict[str, bytes], point: str, count: int
) -> None:
    struck = job()
    assert in_process(struck, point, count) == -9
    assert not (struck.folder / "model").exists()
    assert in_process(struck) == 0
    assert struck.results() == undisturbed


@pytest.mark.fault("K3")
@pytest.mark.nightly
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_killed_at_every_step(job: New, undisturbed: dict[str, bytes], step: int) -> None:
    struck = job()
    assert in_process(struck, STEP, step) == -9
    assert in_process(struck) == 0
    assert struck.results() == undisturbed


@pytest.mark.fault("K3")
def test_killed_again_and_again(job: New, undisturbed: dict[str, bytes]) -> None:
    struck = job()
    for count in (7, 3, 11):
        assert in_process(struck, STEP, count) == -9
    assert in_process(struck) == 0
    assert struck.results() == undisturbed


def test_a_stopped_training_keeps_its_checkpoint_only(job: New) -> None:
    struck = job()
    in_process(struck, STEP, 10)
    [training] = (struck.folder / "runs/train").iterdir()
    assert sorted(path.name for path in training.glob("[sb]*")) == [
        "step-000000008",
        "step-000000009",
    ]


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.fault("D4", "D5")
@pytest.mark.parametrize(
    "harm",
    [
        damage,
        lambda path: path.write_bytes(path.read_bytes()[:100]),
        lambda path: path.unlink(),
    ],
    ids=["one bit", "cut short", "missing"],
)
def test_of_a_damaged_checkpoint_the_one_before_is_taken(
    job: New,
    undisturbed: dict[str, bytes],
    harm: Callable[[Path], None],
) -> None:
    struck = job()
    in_process(struck, STEP, 30)
    harm(next((struck.folder / "runs/train").glob("*/step-000000029")) / "state.pt")
    assert in_process(struck) == 0
    assert struck.results() == undisturbed
    told = (struck.folder / "output").read_text()
    assert "step-000000029 is damaged or unreadable; an earlier one is used" in told
    assert "goes on from step 28 of" in told


@pytest.mark.fault("D2")
def test_a_full_disk_keeps_the_checkpoint_before(job: New, undisturbed: dict[str, bytes]) -> None:
    struck = job()
    in_process(struck, STEP, 10)
    assert within(struck, resource.RLIMIT_FSIZE, 1 << 20) == ExitCode.STORAGE
    told = (struck.folder / "output").read_text()
    assert "free some disk" in told
    assert "Traceback" not in told
    assert list(struck.folder.rglob("*.partial")) == []
    assert in_process(struck) == 0
    assert struck.results() == undisturbed


@pytest.mark.fault("D1")
def test_checkpoints_that_would_not_fit_are_refused_before_the_first_step(tmp_path: Path) -> None:
    check_room(tmp_path, weights=1000)
    with pytest.raises(Refusal, match="the checkpoints need") as refusal:
        check_room(tmp_path, weights=shutil.disk_usage(tmp_path).free)
    assert refusal.value.code is ExitCode.STORAGE
