"""A project of a few files in which challengers are promoted."""

import subprocess
from pathlib import Path

from challengers import candidate
from xuxie.retrain.promotion.promote import Promotion
from xuxie.track.settings import TrackSettings

UNTRACKED = TrackSettings(
    enabled=False,
    experiment="trials",
    model="voice",
    price_per_cpu_hour=None,
    price_per_gpu_hour=None,
    currency="CNY",
)


def git(project: Path, *words: str) -> str:
    author = ["-c", "user.name=tests", "-c", "user.email=tests@example.invalid"]
    done = subprocess.run(
        ["git", *author, *words], cwd=project, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def begin(folder: Path) -> Path:
    (folder / "dvc.lock").write_text("schema: '2.0'\n")
    (folder / ".gitignore").write_text("runs/\nchallenger*/\n")
    for words in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-qm", "start")):
        git(folder, *words)
    return folder


def wanted(project: Path, name: str, expected: str | None) -> Promotion:
    return Promotion(
        job=name,
        base=git(project, "rev-parse", "HEAD"),
        expected=expected,
        challenger=candidate(name, project / f"challenger-{name}"),
        verdict={"outcome": "promote"},
        files={"dvc.lock": f"of {name}\n".encode(), "metrics/evaluate.json": b"{}\n"},
    )
