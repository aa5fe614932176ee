"""Runs one function in several processes of a Ray cluster that find one another, by Ray Train.

Each is what torchrun would start: it works in the project's folder, which all machines must have
under the same path, and writes there. Ray Train places them, joins them and starts all of them
again when one dies.
"""

import math
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xuxie.engine.cluster import connect, ray_or_refusal
from xuxie.engine.settings import EngineSettings
from xuxie.entry import set_environment
from xuxie.errors import ExitCode, Refusal, first_line
from xuxie.stopping import STOP, Stopped, stops_deferred

# Set in the processes that Ray Train started.
INSIDE = "XUXIE_RAY_TRAIN"
SECONDS = 0.5
# In which the step at hand ends and is saved.
GRACE = 60.0
# What a process of the cluster tells of its end, and the driver raises again.
Told = Refusal | Stopped | OSError


class Line:
    """An actor between the driver and the processes: stops go one way, how it ended the other."""

    def __init__(self) -> None:
        self.asked: int | None = None
        self.end: Told | None = None

    def ask(self, number: int) -> None:
        self.asked = number

    def is_asked(self) -> int | None:
        return self.asked

    def tell(self, end: Told) -> None:
        self.end = self.end or end

    def told(self) -> Told | None:
        return self.end


def together(work: Callable[[], None], processes: int, settings: EngineSettings) -> None:
    """Run `work`, picklable, in so many processes; return when all have returned.

    Raises:
        Refusal: of the first process that refused, or the cluster is too small or not there.
        Stopped: a signal came, and the processes have stopped in good order.
    """
    ray = ray_or_refusal()
    connect(ray, settings.address, told=True)
    gpus = room_for(processes, ray.cluster_resources())
    line = ray.remote(num_cpus=0)(Line).remote()
    trainer = torch_trainer(Process(work, Path.cwd(), line), processes, gpus, settings)
    run = Fit(trainer.fit)
    try:
        with stops_deferred() as asked:
            wait(ray, line, run, asked)
    finally:
        ray.shutdown()
    run.check()


def room_for(processes: int, resources: dict[str, float]) -> bool:
    """Whether each process gets a GPU: where the cluster has any.

    Raises:
        Refusal: it has fewer than that; Ray would wait for more for ever.
    """
    kind = "GPU" if resources.get("GPU") else "CPU"
    found = int(resources.get(kind, 0))
    if found < processes:
        raise Refusal(
            ExitCode.UNAVAILABLE,
            f"Ray 集群只有 {found} 个 {kind}，而 train.devices × train.num_nodes = {processes}",
            f"the Ray cluster has {found} {kind}s and train.devices x train.num_nodes"
            f" = {processes}",
        )
    return kind == "GPU"


def torch_trainer(
    process: Callable[[], None], processes: int, gpus: bool, settings: EngineSettings
) -> Any:
    from ray.train import FailureConfig, RunConfig, ScalingConfig
    from ray.train.torch import TorchTrainer

    return TorchTrainer(
        process,
        scaling_config=ScalingConfig(num_workers=processes, use_gpu=gpus),
        run_config=RunConfig(
            storage_path=str(Path("runs/ray").resolve()),
            failure_config=FailureConfig(max_failures=settings.attempts - 1),
        ),
    )


class Fit:
    """`fit` in a thread, so that the main thread hears signals."""

    def __init__(self, fit: Callable[[], Any]) -> None:
        self.fit, self.error = fit, ""
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        try:
            self.fit()
        except Exception as error:
            self.error = first_line(error)

    def check(self) -> None:
        """
        Raises:
            Refusal: the processes died, each time they were started.
        """
        if self.error:
            raise Refusal(
                ExitCode.UNAVAILABLE,
                f"Ray Train 的进程失败（{self.error}）；见 runs/ray 与 Ray 的日志",
                f"the processes of Ray Train failed ({self.error}); see Ray's logs",
            )


def wait(ray: Any, line: Any, run: Fit, asked: Callable[[], bool]) -> None:
    """Until the run ends, or a process tells that it has to: then the others wait in vain.

    Asked to stop, processes that have not begun yet are not waited for.
    """
    left = math.inf
    while run.thread.is_alive() and time.monotonic() < left:
        run.thread.join(SECONDS)
        if asked() and left == math.inf:
            ray.get(line.ask.remote(int(STOP.asked or 0)))
            left = time.monotonic() + GRACE
        if end := ray.get(line.told.remote()):
            raise end


class Process:
    """What each process runs.

    Args:
        line: handle of a `Line`.
    """

    def __init__(self, work: Callable[[], None], project: Path, line: Any) -> None:
        self.work, self.project, self.line = work, project, line

    def __call__(self) -> None:
        import ray

        os.chdir(self.project)
        set_environment()
        os.environ[INSIDE] = "1"
        STOP.forget()
        threading.Thread(target=listen, args=(ray, self.line), daemon=True).start()
        try:
            self.work()
        except (Refusal, Stopped, OSError) as end:
            ray.get(self.line.tell.remote(end))


def listen(ray: Any, line: Any) -> None:
    """Note a stop for the next step; also when the driver is gone."""
    while True:
        time.sleep(SECONDS)
        try:
            number = ray.get(line.is_asked.remote())
        except Exception:
            number = signal.SIGTERM
        if number is not None:
            STOP.ask(number)
            return


def inside() -> bool:
    """Whether Ray Train started this process."""
    return INSIDE in os.environ


def environment() -> Any:
    """Lightning's plugin, by which it takes the places that Ray Train gave the processes."""
    from ray.train.lightning import RayLightningEnvironment

    return RayLightningEnvironment()


def data_parallel() -> Any:
    """Lightning's strategy for processes that hold a copy of the model each."""
    from ray.train.lightning import RayDDPStrategy

    return RayDDPStrategy()
