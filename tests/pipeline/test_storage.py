"""A disk without room, in every stage: one line, its exit code, and nothing half-written."""

import pytest

from checkout import Checkout

STAGES = "fetch ingest clean split tokenizer train evaluate generate".split()


def with_little_room(project: Checkout, command: str) -> str:
    """What a command says that may write no file larger than one KiB, as on a full disk."""
    limited = f"ulimit -f 1; exec env -u COVERAGE_PROCESS_CONFIG {command}"
    return project.run("bash", "-c", limited, code=74, PYTHONPATH="src").stderr


@pytest.mark.fault("D2")
@pytest.mark.parametrize("stage", STAGES)
def test_a_full_disk_is_named_and_leaves_nothing(project: Checkout, stage: str) -> None:
    # One worker: the limit would hit the memory that processes share, too, which no full disk does.
    words = f"python -m xuxie.{stage} track.enabled=false engine.workers=1"
    told = with_little_room(project, words)
    assert "free some disk" in told
    assert "Traceback" not in told
    left = [path for path in (project.folder / "scratch").rglob("*") if path.is_file()]
    assert left == []


def test_parameters_are_kept_as_they_were(project: Checkout) -> None:
    before = (project.folder / "params.yaml").read_bytes()
    project.edit("conf/train/default.yaml", "seed: 1", "seed: 2")
    with_little_room(project, "python -m xuxie.params --conf conf --out params.yaml")
    assert (project.folder / "params.yaml").read_bytes() == before
