"""Retrainings that are struck: the next one finishes the work, with the same bytes.

Each row is a real `xuxie retrain` on a real project: processes, git, DVC and MLflow. The
identifiers are those of the table of faults in docs/retrain.md.
"""

import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkout import Checkout
from damage import flip
from faults_table import SEED
from night import FIRST, SECOND, TREE, Night, prepare, struck
from tracking_server import TrackingServer
from xuxie.errors import ExitCode

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def prepared(first_run: tuple[Checkout, str], tmp_path_factory: pytest.TempPathFactory) -> Night:
    return prepare(first_run[0], tmp_path_factory.mktemp("night") / "project")


@pytest.fixture
def night(prepared: Night) -> Iterator[Night]:
    """As it was before its undisturbed retraining."""
    shutil.rmtree(prepared.folder / TREE, ignore_errors=True)
    prepared.checkout.go_back()
    yield prepared


@pytest.mark.parametrize("stage", ["ingest", "split", "evaluate", "generate"])
def test_k1_killed_in_a_stage(night: Night, stage: str) -> None:
    before, process = night.user_files(), night.start()
    night.at(process, stage)
    struck(process)
    assert "going on with retraining" in night.retrain()
    night.made_as_undisturbed()
    night.is_whole()
    assert night.user_files() == before


def test_k1_killed_in_training_at_random_moments(night: Night) -> None:
    """Three times in one retraining; each time it goes on from the last checkpoint."""
    chance = random.Random(SEED)
    for _ in range(3):
        process = night.start()
        night.training(process)
        time.sleep(chance.random())
        struck(process)
    night.retrain()
    assert "training goes on from step" in night.log()
    night.made_as_undisturbed()
    night.is_whole()


def test_k2_the_worker_is_killed(night: Night) -> None:
    process = night.start()
    night.training(process)
    for number, line in night.processes().items():
        if "xuxie.train" in line:
            os.kill(number, signal.SIGKILL)
    said, _ = process.communicate()
    assert process.returncode == ExitCode.DATA, said
    assert "failed in stage train" in said
    night.retrain()
    night.made_as_undisturbed()
    night.is_whole()


@pytest.mark.parametrize("point", ["register", "move", "push", "end"])
def test_k4_killed_in_a_promotion(night: Night, point: str) -> None:
    """The old champion rules or the new one, never none; the next run finishes it, once."""
    if point == "push":
        night.checkout.run("dvc", "remote", "add", "--local", "-q", "-d", "here", "../remote")
    process = night.start(FP=point)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert night.ruling().version in (FIRST, SECOND)
    night.retrain()
    night.made_as_undisturbed()
    night.is_whole()


def test_k6_an_orphan_that_wakes_up_writes_nothing(night: Night) -> None:
    """Its training stood still while its launcher was killed; the next run ends it first."""
    process = night.start()
    night.training(process)
    orphans = [n for n, line in night.processes().items() if "xuxie.train" in line]
    for number in orphans:
        os.kill(number, signal.SIGSTOP)
    struck(process)
    said = night.start()
    time.sleep(2)
    for number in orphans:
        os.kill(number, signal.SIGCONT)
    output, _ = said.communicate()
    assert said.returncode == 0, output
    night.made_as_undisturbed()
    night.is_whole()


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, ExitCode.TERMINATED), (signal.SIGINT, ExitCode.INTERRUPTED)],
)
def test_k7_k8_asked_to_stop(night: Night, number: signal.Signals, code: ExitCode) -> None:
    process = night.start()
    night.training(process)
    process.send_signal(number)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert night.processes() == {}
    night.retrain()
    assert "training goes on from step" in night.log()
    night.made_as_undisturbed()
    night.is_whole()


def test_d4_the_champion_was_damaged(night: Night) -> None:
    """Found before it is compared with; doctor restores it, and the job goes on."""
    flip(night.folder / night.ruling().folder / "model.safetensors")
    assert "model.safetensors" in night.retrain(code=ExitCode.DATA)
    assert night.ruling().version == FIRST
    assert "restored from" in night.checkout.run("xuxie", "doctor").stdout
    night.retrain()
    night.made_as_undisturbed()
    night.is_whole()


def test_d4_s9_the_challenger_was_exchanged(night: Night) -> None:
    """After its evaluation, before its promotion: it is not the one that was judged."""
    process = night.start(FP="register")
    process.communicate()
    models = (night.folder / "runs/retrain/jobs").glob("*/challenger/model/model.safetensors")
    model = sorted(models)[-1]
    first = model.read_bytes()
    flip(model)
    night.retrain(code=ExitCode.DATA)
    assert night.ruling().version == FIRST
    model.write_bytes(first)
    night.retrain()
    night.made_as_undisturbed()
    night.is_whole()


def test_d6_locks_of_dead_processes(night: Night) -> None:
    process = night.start()
    night.at(process, "clean")
    struck(process)
    for place in (night.folder, night.folder / TREE):
        (place / ".dvc/tmp/rwlock").write_text("")
    night.retrain()
    night.made_as_undisturbed()
    assert "removed" in night.checkout.run("xuxie", "doctor").stdout
    night.is_whole()


def test_s1_mlflow_is_down_until_the_promotion_is_tried_again(night: Night, tmp_path: Path) -> None:
    server = TrackingServer(tmp_path, store=f"sqlite:///{night.folder / 'mlflow.db'}")
    away = {"MLFLOW_TRACKING_URI": server.address}
    assert "MLflow" in night.retrain(code=ExitCode.UNAVAILABLE, **away)
    assert night.ruling().version == FIRST
    server.start()
    try:
        server.wait()
        night.retrain(**away)
    finally:
        server.kill()
    assert night.log().count("Running stage 'train'") == 1
    night.made_as_undisturbed()
    night.is_whole()


def test_s4_two_at_once(night: Night) -> None:
    first, second = night.start(), night.start()
    said = [process.communicate()[0] for process in (first, second)]
    codes = {process.returncode: text for process, text in zip((first, second), said, strict=True)}
    assert codes.keys() == {0, ExitCode.BUSY}, said
    assert "busy since" in codes[ExitCode.BUSY]
    night.made_as_undisturbed()
    night.is_whole()


def test_s7_the_source_changes_and_goes_half_way(night: Night) -> None:
    """The snapshot is trained on; what came meanwhile is noted, and due the next time."""
    process = night.start()
    night.at(process, "split")
    (night.folder / "data/raw/new-3.jsonl").unlink()
    night.laws("later", 12)
    said, _ = process.communicate()
    assert process.returncode == 0, said
    night.made_as_undisturbed()
    assert [line[0] for line in night.verdict()["notes"]] == ["newer_data"]
    night.is_whole()


ADVERT = "本店新到一批春季连衣裙，全场八折，满三百减五十，欢迎添加客服微信咨询，先到先得。"
ENGLISH = (
    "The committee met again on Tuesday to discuss the new rules for shipping goods by rail, and"
    " agreed that further work was needed before anything could be signed in chapter {}."
)


def poison(kind: str) -> list[str]:
    chance = random.Random(SEED)
    if kind == "one advert a thousand times":
        return [ADVERT] * 1000
    if kind == "another language":
        return [ENGLISH.format(number) for number in range(300)]
    return ["".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(120)) for _ in range(300)]


@pytest.mark.parametrize(
    "kind", ["one advert a thousand times", "random characters", "another language"]
)
def test_poison_is_not_promoted(night: Night, kind: str) -> None:
    for path in (night.folder / "data/raw").glob("new-*.jsonl"):
        path.unlink()
    night.write("poison", poison(kind), source="shop")
    said = night.retrain()
    assert night.ruling().version == FIRST, said
    latest = night.journal()[-1]
    assert latest["kind"] == "nothing" or latest["outcome"] in ("hold", "reject"), said
    print(kind, latest.get("outcome", "nothing"), said.splitlines()[-3:])
