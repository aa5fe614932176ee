"""The checkout of a retraining: its own files, the project's cache, nothing of it touched."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from xuxie.errors import ExitCode, Refusal
from xuxie.proof.cache import cache_of
from xuxie.retrain.places import WORKTREE
from xuxie.retrain.training.worktree import Worktree, check_out, head, lock_in_use, uncommitted
from xuxie.track.outputs import files_below, md5_of

# Two stages; the second ends with the code that the data asks for.
DVC = """\
stages:
  clean:
    cmd: python src/clean.py
    deps: [src/clean.py, data/raw]
    outs: [data/clean.txt]
  train:
    cmd: python src/train.py
    deps: [src/train.py, data/clean.txt]
    outs: [models/gpt.txt]
"""
CLEAN = """\
from pathlib import Path
texts = [path.read_text() for path in sorted(Path("data/raw").glob("*.txt"))]
Path("data/clean.txt").write_text("".join(texts))
"""
TRAIN = """\
import os, sys
from pathlib import Path
text = Path("data/clean.txt").read_text()
if text.startswith("fail"):
    print("错误 error: 损失不是数 | the loss is no number", file=sys.stderr)
    sys.exit(76)
Path("models").mkdir(exist_ok=True)
told = [os.environ.get(name, "") for name in ("DVC_EXP_NAME", "DVC_ROOT", "XUXIE_TRIGGER")]
Path("models/gpt.txt").write_text(text.upper())
Path("told.txt").write_text("\\n".join(told))
"""


def command(folder: Path, *words: str) -> None:
    author = ["-c", "user.name=tests", "-c", "user.email=tests@example.invalid"]
    words = ("git", *author, *words[1:]) if words[0] == "git" else (sys.executable, "-m", *words)
    subprocess.run(words, cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has run once and is committed, with one thing that is not."""
    folder = tmp_path_factory.mktemp("worktree") / "project"
    for name, text in {
        "dvc.yaml": DVC,
        "src/clean.py": CLEAN,
        "src/train.py": TRAIN,
        "data/raw/a.txt": "one",
        ".gitignore": "runs/\n/data/clean.txt\n/models\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    command(folder, "git", "init", "--quiet")
    command(folder, "dvc", "init", "--quiet")
    command(folder, "dvc", "repro", "--quiet")
    command(folder, "git", "add", ".")
    command(folder, "git", "commit", "--quiet", "--message", "results")
    (folder / "src/train.py").write_text("raise SystemExit(1)\n")
    return folder


@pytest.fixture
def tree(project: Path) -> Worktree:
    made = Worktree(
        project, WORKTREE, "retrain-1", "schedule", project / "runs/retrain/jobs/1/log.txt"
    )
    check_out(made, head(project), cache_of(project), lock_in_use(project))
    return made


def fingerprints(folder: Path) -> dict[str, str]:
    paths = [path for path in files_below(folder) if "runs" not in path.relative_to(folder).parts]
    # DVC counts there which of its temporary folders are in use.
    return {str(p): md5_of(p) for p in paths if p.relative_to(folder).parts[:2] != (".dvc", "tmp")}


def test_the_commit_is_run_with_the_projects_cache(project: Path, tree: Worktree) -> None:
    before, stages = fingerprints(project), list[str]()
    assert uncommitted(project) == ["src/train.py"]
    tree.repro(tell=stages.append)
    # All of it was in the cache: nothing ran, though the workspace's code would fail.
    assert stages == []
    assert (tree.folder / "models/gpt.txt").read_text() == "ONE"
    assert fingerprints(project) == before


def test_new_text_runs_the_stages_and_leaves_the_workspace_as_it_is(
    project: Path, tree: Worktree
) -> None:
    workspace, stages = project / "data/clean.txt", list[str]()
    (tree.folder / "data/raw/b.txt").write_text("two")
    tree.repro(tell=stages.append, name="retrain-1-continue")
    assert stages == ["clean", "train"]
    assert (tree.folder / "models/gpt.txt").read_text() == "ONETWO"
    assert workspace.read_text() == "one"
    told = (tree.folder / "told.txt").read_text().splitlines()
    assert told == ["retrain-1-continue", str(project), "schedule"]


def test_a_failed_stage_is_named_with_its_code_and_its_log(tree: Worktree) -> None:
    (tree.folder / "data/raw/a.txt").write_text("fail")
    with pytest.raises(Refusal, match=r"train \(exit code 76\): the loss is no number;") as refused:
        tree.repro()
    assert refused.value.code == ExitCode.DIVERGED
    assert "失败（退出码 76）：损失不是数；" in refused.value.languages[0]
    assert tree.log.name in str(refused.value)


@pytest.mark.fault("D6")
@pytest.mark.parametrize(
    "left",
    [
        "",
        "{",
        '{"models/gpt.txt": {"write": {"pid": 1, "cmd": "dvc repro"}}}',
    ],
)
def test_locks_that_a_killed_dvc_left_heal(tree: Worktree, left: str) -> None:
    (tree.folder / ".dvc/tmp").mkdir(exist_ok=True)
    (tree.folder / ".dvc/tmp/rwlock").write_text(left)
    tree.repro()
    assert (tree.folder / "models/gpt.txt").exists()


@pytest.mark.fault("D5")
def test_a_half_written_lock_file_is_not_used(project: Path) -> None:
    text = (project / "dvc.lock").read_text()
    assert lock_in_use(project) == text
    try:
        (project / "dvc.lock").write_text(text[: len(text) // 2])
        assert lock_in_use(project) is None
    finally:
        (project / "dvc.lock").write_text(text)


def test_a_commit_that_is_gone_is_told(project: Path, tree: Worktree) -> None:
    with pytest.raises(Refusal) as refused:
        check_out(replace(tree), "0" * 40, cache_of(project), None)
    assert refused.value.code == ExitCode.UNAVAILABLE
