"""Past runs of three kinds come out identical in all stages; with a byte of data changed, none."""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkout import Checkout
from waiting import wait_until

pytestmark = pytest.mark.slow

OWN = "data/raw/ours.txt"
TEXT = "".join(
    f"第{n}条，团队自己的文字，每一行都不一样，共有{n * 7}个字。\n" for n in range(1, 60)
)


@pytest.fixture(scope="module")
def history(first_run: tuple[Checkout, str]) -> Iterator[Checkout]:
    """A project with own text; an experiment, a fine-tuning, a training killed and resumed."""
    made, _ = first_run
    made.go_back()
    (made.folder / OWN).write_text(TEXT, encoding="utf-8")
    made.run("dvc", "exp", "run", "-n", "wider", "-S", "train.seed=7", "-S", "model.width=96")
    shutil.copytree(made.folder / "models/gpt", made.folder / "models/start/base")
    words = "dvc exp run -n tuned -S experiment=finetune -S train.epochs=1.0"
    made.run(*words.split())
    shutil.rmtree(made.folder / "models/start/base")
    killed_and_resumed(made)
    yield made
    made.go_back()


def killed_and_resumed(made: Checkout) -> None:
    """SIGKILL to dvc and all it started, some checkpoints after the first; then the same again."""
    chosen = ("train.seed=9", "train.epochs=10", "train.checkpoint_seconds=0")
    words = ["dvc", "exp", "run", "-n", "resumed", *(w for c in chosen for w in ("-S", c))]
    running = made.start(*words)
    wait_until(lambda: steps(made), patience=300)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    assert "goes on from step" in made.run(*words).stdout


def steps(made: Checkout) -> bool:
    found = (made.folder / "runs/train").glob("*/step-*/COMPLETE")
    return any(int(path.parent.name.removeprefix("step-")) > 5 for path in found)


def workspace(made: Checkout) -> dict[str, int]:
    return {
        path.relative_to(made.folder).as_posix(): path.stat().st_mtime_ns
        for path in made.folder.rglob("*")
        if path.is_file() and path.relative_to(made.folder).parts[0] != ".git"
    }


def state(made: Checkout) -> tuple[str, str, dict[str, int]]:
    """What git and DVC say of the workspace, and when each file was written."""
    said = [
        made.run(*words).stdout for words in (("git", "status", "--porcelain"), ("dvc", "status"))
    ]
    return said[0], said[1], workspace(made)


@pytest.mark.parametrize("name", ["wider", "tuned", "resumed"])
def test_a_past_run_comes_out_identical(history: Checkout, name: str) -> None:
    git, dvc, before = state(history)
    said = history.run("xuxie", "reproduce", name).stdout
    for stage in ("ingest", "clean", "split", "tokenizer", "train", "evaluate", "generate"):
        assert f"{stage:10} 逐字节相同 identical" in said
    assert workspace(history).items() <= before.items()
    assert state(history)[:2] == (git, dvc)


def test_an_environment_of_its_own_is_installed_and_used(history: Checkout) -> None:
    """From that commit's requirements.lock; it needs the package index."""
    words = ("xuxie", "reproduce", "wider", "--to", "ingest", "--fresh-environment")
    done = history.run(*words, PIP_NO_INDEX="")
    assert "installing that commit's requirements.lock" in done.stdout + done.stderr
    assert "ingest     逐字节相同 identical" in done.stdout


def test_a_changed_byte_is_refused_with_the_stage(history: Checkout) -> None:
    own = history.folder / OWN
    data = own.read_bytes()
    own.write_bytes(data.replace("团队".encode(), "团体".encode(), 1))
    try:
        said = history.run("xuxie", "reproduce", "wider", code=65).stderr
    finally:
        own.write_bytes(data)
    assert "stage ingest: data/raw is not, to the byte" in said


def test_what_was_trained_stands_in_the_record(history: Checkout) -> None:
    rows = history.query(
        "SELECT runs.name, value FROM tags JOIN runs USING (run_uuid)"
        " WHERE key = 'numerics.fingerprint'"
    )
    assert {"wider", "tuned", "resumed"} <= {name for name, _ in rows}
    made = json.loads((history.folder / "models/gpt/training.json").read_text())
    assert made["params"]["train.seed"] == 9
    assert Path(history.folder / "dvc.lock").exists()
