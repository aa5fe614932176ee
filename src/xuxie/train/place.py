"""Where training runs: in this process, or in processes of a Ray cluster."""

from functools import partial
from pathlib import Path
from typing import Any

from xuxie.engine.settings import EngineSettings
from xuxie.model.settings import ModelSettings
from xuxie.track.settings import TrackSettings
from xuxie.train.settings import TrainSettings


def run(
    engine: EngineSettings,
    settings: TrainSettings,
    shape: ModelSettings,
    tracking: TrackSettings,
    **paths: Path,
) -> None:
    """Of the processes of a cluster the first writes, as it would here; it holds the lock too."""
    work = partial(train, settings, shape, tracking, **paths)
    if engine.kind == "native":
        work()
        return
    from xuxie.engine.workers import together

    together(work, settings.processes, engine)


def train(*settings: Any, **paths: Any) -> None:
    # Imported where it runs, once Ray Train has said which process this is: Lightning looks then.
    from xuxie.train import stage

    stage.run(*settings, **paths)
