"""How this process treats memory that tensors have given back."""

import ctypes
import platform

# Numbers of malloc.h.
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4


def keep_freed_memory() -> None:
    """Have the C library reuse freed memory rather than return it to the kernel.

    Each step allocates the same large tensors, and fresh pages must be zeroed: with the default
    model, training ran at 11,600 tokens a second without this and at 20,600 with it (bf16, two
    cores), the same losses to the last digit. Only glibc can be told.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    library = ctypes.CDLL(None)
    library.mallopt(M_MMAP_MAX, 0)
    library.mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
