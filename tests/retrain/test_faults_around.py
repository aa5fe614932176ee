"""Faults around a retraining: in its promotion, its data, its server; the next one goes on.

Rows as in test_faults_killed.py; a group of their own, so that two processes share the table.
"""

import random
import signal
from pathlib import Path

import pytest

from damage import flip
from faults_table import SEED
from night import FIRST, SECOND, TREE, Night, struck, struck_at
from tracking_server import TrackingServer
from xuxie.errors import ExitCode

pytestmark = [pytest.mark.nightly, pytest.mark.xdist_group("around")]


@pytest.mark.fault("K4")
@pytest.mark.parametrize("point", ["register", "move", "push", "end"])
def test_killed_in_a_promotion(promoting: Night, point: str) -> None:
    """The old champion rules or the new one, never none; the next run finishes it, once."""
    if point == "push":
        promoting.checkout.run("dvc", "remote", "add", "--local", "-q", "-d", "here", "../remote")
    struck_at(promoting, point)
    assert promoting.ruling().version in (FIRST, SECOND)
    promoting.retrain()
    promoting.made_as_undisturbed()
    promoting.is_whole()


@pytest.mark.fault("K5")
def test_killed_in_a_rollback(promoting: Night) -> None:
    """The pointer has moved and the journal does not know: the same command finishes it."""
    promoting.retrain()
    back = promoting.checkout.start("xuxie", "rollback", FP="rollback")
    back.communicate()
    assert back.returncode == -signal.SIGKILL
    assert promoting.ruling().version == FIRST
    assert f"champion: v{FIRST}" in promoting.checkout.run("xuxie", "rollback").stdout
    assert promoting.journal()[-1]["kind"] == "rollback"
    promoting.is_whole()
    # The text that made the model which was taken back does not make it again the next night.
    assert "was promoted and rolled back" in promoting.retrain()
    assert promoting.ruling().version == FIRST


@pytest.mark.fault("D4")
def test_the_champion_was_damaged(night: Night) -> None:
    """Found before it is compared with; doctor restores it, and the job goes on."""
    flip(night.folder / night.ruling().folder / "model.safetensors")
    assert "model.safetensors" in night.retrain(code=ExitCode.DATA)
    assert night.ruling().version == FIRST
    assert "restored from" in night.checkout.run("xuxie", "doctor").stdout
    night.retrain()
    night.made_as_undisturbed()
    night.is_whole()


@pytest.mark.fault("D4", "S9")
def test_the_challenger_was_exchanged(promoting: Night) -> None:
    """After its evaluation, before its promotion: it is not the one that was judged."""
    models = (promoting.folder / "runs/retrain/jobs").glob("*/challenger/model/model.safetensors")
    model = sorted(models)[-1]
    first = model.read_bytes()
    flip(model)
    promoting.retrain(code=ExitCode.DATA)
    assert promoting.ruling().version == FIRST
    model.write_bytes(first)
    promoting.retrain()
    promoting.made_as_undisturbed()
    promoting.is_whole()


@pytest.mark.fault("D6")
def test_locks_of_dead_processes(night: Night) -> None:
    process = night.start()
    night.at(process, "clean")
    struck(process)
    for place in (night.folder, night.folder / TREE):
        (place / ".dvc/tmp/rwlock").write_text("")
    night.retrain()
    night.made_as_undisturbed()
    assert "removed" in night.checkout.run("xuxie", "doctor").stdout
    night.is_whole()


@pytest.mark.fault("S4")
def test_two_at_once(night: Night) -> None:
    first, second = night.start(), night.start()
    said = [process.communicate()[0] for process in (first, second)]
    codes = {process.returncode: text for process, text in zip((first, second), said, strict=True)}
    assert codes.keys() == {0, ExitCode.BUSY}, said
    assert "busy since" in codes[ExitCode.BUSY]
    night.made_as_undisturbed()
    night.is_whole()


@pytest.mark.fault("S1")
def test_mlflow_is_down_until_the_promotion_is_tried_again(night: Night, tmp_path: Path) -> None:
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


@pytest.mark.fault("S7")
def test_the_source_changes_and_goes_half_way(night: Night) -> None:
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


@pytest.mark.fault("poison")
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
    # The next night finds the same text and does not train on it again.
    trainings = len(list((night.folder / "runs/retrain/jobs").iterdir()))
    night.retrain()
    assert night.journal()[-1]["kind"] == "nothing"
    assert len(list((night.folder / "runs/retrain/jobs").iterdir())) == trainings
