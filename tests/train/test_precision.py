"""The number format is what was asked, or what was measured."""

from typing import Literal

import pytest
import torch

from xuxie.errors import Refusal
from xuxie.train.precision import choose, numerics_profile

CPU = torch.device("cpu")


@pytest.mark.parametrize("wanted", ["fp32", "bf16"])
def test_a_named_format_is_taken(wanted: Literal["fp32", "bf16"]) -> None:
    assert choose(wanted, CPU, 1) == wanted


def test_auto_takes_one_of_both() -> None:
    assert choose("auto", CPU, 1) in ("fp32", "bf16")


def test_processes_that_have_not_measured_agree() -> None:
    assert choose("auto", CPU, 2) == "fp32"


def test_fp16_is_refused_without_a_gpu() -> None:
    with pytest.raises(Refusal, match=r"train\.precision = fp16 needs a GPU"):
        choose("fp16", CPU, 1)


def test_the_profile_names_what_decides_the_bits() -> None:
    profile = numerics_profile("bf16", 3, CPU)
    assert profile | {"precision": "bf16", "threads": 3, "device": "cpu"} == profile
    assert set(profile) >= {"instructions", "machine", "torch", "transformers", "python"}
    assert all(profile.values())


def test_measuring_leaves_the_threads_as_they_were() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    choose("auto", CPU, 1)
    after = torch.get_num_threads()
    torch.set_num_threads(before)
    assert after == 2
