"""What a retraining does at the moment, and about how long that takes."""

from collections.abc import Callable
from pathlib import Path

from xuxie.retrain.places import STAGES, WORKTREE
from xuxie.store.journal import append, entries

Tell = Callable[[str], None]
COSTS = Path("runs/stages.jsonl")


def durations(project: Path) -> dict[str, float]:
    """Seconds that each stage took the last time: in the workspace, better in a retraining."""
    found: dict[str, float] = {}
    for path in (project / COSTS, project / STAGES, project / WORKTREE / COSTS):
        found |= {str(entry["stage"]): float(entry["seconds"]) for entry, _ in entries(path)}
    return found


def about(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 90:
        return f"（约 {seconds:.0f} 秒 about {seconds:.0f} s）"
    return f"（约 {seconds / 60:.0f} 分钟 about {seconds / 60:.0f} min）"


def stage_told(project: Path, tell: Tell) -> Tell:
    """Tells of a stage by its name, as it begins."""

    def begins(stage: str) -> None:
        tell(f"  阶段 stage {stage} {about(durations(project).get(stage))}".rstrip())

    return begins


def keep_durations(project: Path) -> None:
    """The checkout goes away; what its stages cost is kept."""
    for entry, _ in entries(project / WORKTREE / COSTS):
        append(project / STAGES, entry)
