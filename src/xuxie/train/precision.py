"""In which number format the matrix products run, and the profile that decides their bits."""

import platform
import time
from typing import Any, Literal

import torch
import transformers

Precision = Literal["fp32", "bf16"]
WORTHWHILE = 1.5


def choose(wanted: Literal["auto", "fp32", "bf16"], device: torch.device) -> Precision:
    """bf16 where this device multiplies such matrices clearly faster than fp32: it is measured.

    Names do not tell: processors without bf16 units emulate it, 400 times slower than fp32.
    """
    if wanted != "auto":
        return wanted
    fast = product_seconds(torch.bfloat16, device) * WORTHWHILE < product_seconds(
        torch.float32, device
    )
    return "bf16" if fast else "fp32"


def product_seconds(dtype: torch.dtype, device: torch.device, size: int = 256) -> float:
    """Shortest of three times a matrix product of this size takes, after one to warm up."""
    a = torch.ones(size, size, dtype=dtype, device=device)
    times = []
    for _ in range(4):
        began = time.perf_counter()
        float((a @ a)[0, 0])
        times.append(time.perf_counter() - began)
    return min(times[1:])


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
