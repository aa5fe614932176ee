"""Freed memory can be kept, where the C library can be told."""

import ctypes
import platform

import pytest
import torch

from xuxie.model.memory import keep_freed_memory


def test_tensors_work_after_it() -> None:
    keep_freed_memory()
    assert float(torch.ones(1024, 1024).sum()) == 1024**2


@pytest.mark.parametrize("library", ["", "musl"])
def test_other_c_libraries_are_left_alone(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: (library, ""))
    monkeypatch.setattr(ctypes, "CDLL", lambda _: pytest.fail("told a library it does not know"))
    keep_freed_memory()
