"""The numerics fingerprint: the same here and now, another where sums are taken otherwise."""

import json
import os
import subprocess
import sys

import pytest
import torch

from conftest import Outputs
from xuxie.train.fingerprint import profile_here


def in_process(outputs: Outputs, **environment: str) -> dict[str, object]:
    words = [sys.executable, "-m", "xuxie.train.fingerprint", str(outputs.model)]
    done = subprocess.run(
        words, env=os.environ | environment, capture_output=True, text=True, check=True
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def recorded(outputs: Outputs) -> dict[str, object]:
    made: dict[str, object] = json.loads((outputs.model / "training.json").read_text())["made_with"]
    return made


def test_it_is_recorded_with_the_model_and_found_again(
    outputs: Outputs, recorded: dict[str, object]
) -> None:
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    deterministic = torch.are_deterministic_algorithms_enabled()
    found = profile_here(outputs.model)
    torch.set_num_threads(threads)
    assert {f"numerics.{name}": value for name, value in found.items()}.items() <= recorded.items()
    assert len(str(found["fingerprint"])) == 64
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.are_deterministic_algorithms_enabled() == deterministic


@pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() == "DEFAULT", reason="no wider instructions to leave"
)
def test_other_instructions_give_another(outputs: Outputs, recorded: dict[str, object]) -> None:
    found = in_process(outputs, ATEN_CPU_CAPABILITY="default")
    assert found["instructions"] == "DEFAULT"
    assert found["fingerprint"] != recorded["numerics.fingerprint"]
