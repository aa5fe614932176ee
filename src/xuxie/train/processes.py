"""Who started the processes that share a training, and how they share it."""

import os
from typing import Any

from pytorch_lightning.plugins.environments import SLURMEnvironment

from xuxie.engine import workers
from xuxie.errors import Refusal, bad_parameters
from xuxie.train.settings import TrainSettings
from xuxie.train.sharding import Sharded


def strategy(settings: TrainSettings) -> Any:
    """Lightning's; one process shares nothing."""
    if settings.strategy == "fsdp" and settings.processes > 1:
        return Sharded(settings.processes)
    if settings.processes == 1:
        return "auto"
    return workers.data_parallel() if workers.inside() else "ddp"


def places(settings: TrainSettings) -> dict[str, Any]:
    """Processes a machine and machines, which Lightning must not be told where Ray decides."""
    if workers.inside():
        return {"devices": "auto"}
    return {"devices": settings.devices, "num_nodes": settings.num_nodes}


def environment() -> list[Any]:
    """Lightning's plugin for the launcher, where its own choice does not do.

    Under SLURM it would put the job into the queue again by itself, with a checkpoint of its own.
    """
    if workers.inside():
        return [workers.environment()]
    return [SLURMEnvironment(auto_requeue=False)] if SLURMEnvironment.detect() else []


def check(settings: TrainSettings) -> None:
    """
    Raises:
        Refusal: a launcher started another number of processes than is configured.
    """
    found = started()
    if found not in (0, settings.processes):
        raise bad_parameters(
            f"启动了 {found} 个进程，而 train.devices × train.num_nodes = {settings.processes}",
            f"{found} processes were started and train.devices x train.num_nodes"
            f" = {settings.processes}",
        )
    if slurm():
        check_slurm(settings)


def started() -> int:
    """Processes that torchrun, SLURM or Ray started for this training; 0 where none of them did."""
    return int(os.environ.get("WORLD_SIZE") or (os.environ["SLURM_NTASKS"] if slurm() else 0))


def slurm() -> bool:
    return "WORLD_SIZE" not in os.environ and SLURMEnvironment.detect()


def check_slurm(settings: TrainSettings) -> None:
    """
    Raises:
        Refusal: the tasks lie otherwise on the nodes than is configured, or SLURM does not say.
    """
    wanted = {"SLURM_NTASKS_PER_NODE": settings.devices, "SLURM_NNODES": settings.num_nodes}
    found = {name: os.environ.get(name, str(number)) for name, number in wanted.items()}
    told = settings.processes == 1 or "SLURM_NTASKS_PER_NODE" in os.environ
    if not told or found != {name: str(number) for name, number in wanted.items()}:
        raise other_places(settings)


def other_places(settings: TrainSettings) -> Refusal:
    options = f"srun --nodes={settings.num_nodes} --ntasks-per-node={settings.devices}"
    return bad_parameters(
        f"SLURM 的任务分布与 train.devices、train.num_nodes 不符；请用 {options}，或改这两个参数",
        "SLURM's tasks do not lie on the nodes as train.devices and train.num_nodes say;"
        f" use {options}, or change the two",
    )
