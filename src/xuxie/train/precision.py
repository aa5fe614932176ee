"""In which number format the matrix products run, and the profile that decides their bits."""

import platform
import time
from typing import Any, Literal

import torch
import transformers

from xuxie.errors import bad_parameters

Precision = Literal["fp32", "bf16", "fp16"]
WORTHWHILE = 1.5
TURNS = 10


def choose(
    wanted: Literal["auto", "fp32", "bf16", "fp16"], device: torch.device, processes: int
) -> Precision:
    """bf16 where this device multiplies such matrices clearly faster than fp32: it is measured.

    Names do not tell: processors without bf16 units emulate it, 400 times slower than fp32.
    Several processes must agree without having measured: bf16 on GPUs that have it, else fp32.

    Raises:
        Refusal: fp16 is asked of a processor, which multiplies it slower than fp32.
    """
    if wanted == "fp16" and device.type != "cuda":
        raise bad_parameters(
            "train.precision = fp16 需要 GPU；请设 train.precision=auto",
            "train.precision = fp16 needs a GPU; set train.precision=auto",
        )
    if wanted != "auto":
        return wanted
    if processes > 1:
        return "bf16" if device.type == "cuda" and torch.cuda.is_bf16_supported() else "fp32"
    slow, fast = product_seconds((torch.float32, torch.bfloat16), device)
    return "bf16" if fast * WORTHWHILE < slow else "fp32"


def product_seconds(
    kinds: tuple[torch.dtype, ...], device: torch.device, size: int = 256
) -> list[float]:
    """Shortest time a matrix product of this size takes in each format, on one thread.

    In turns and ten times over, so that other work on the machine does not decide: a stopped
    training goes on only in the format it began with. Two threads wait for each other: fp32 took
    1.62 to 2.34 times as long as bf16 by them, 1.94 to 1.96 times by one (AMD EPYC, AVX512_BF16).
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return shortest([torch.ones(size, size, dtype=kind, device=device) for kind in kinds])
    finally:
        torch.set_num_threads(threads)


def shortest(matrices: list[torch.Tensor]) -> list[float]:
    """Seconds that each one's square takes."""
    times: list[list[float]] = [[] for _ in matrices]
    for _ in range(TURNS):
        for matrix, found in zip(matrices, times, strict=True):
            began = time.perf_counter()
            float((matrix @ matrix)[0, 0])
            found.append(time.perf_counter() - began)
    return [min(found) for found in times]


def numerics_profile(precision: Precision, threads: int, device: torch.device) -> dict[str, Any]:
    """What the bits of the weights depend on beside code, data and configuration."""
    return {
        "precision": precision,
        "threads": threads,
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "machine": platform.machine(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "python": platform.python_version(),
    }
