"""Seed noise: a prediction that holds, and files that do not."""

from pathlib import Path

import numpy as np
import pytest

from xuxie.compare.noise import Noise, read_noise
from xuxie.errors import Refusal


@pytest.mark.parametrize("seeds", [3, 5, 10])
def test_two_new_trainings_fall_within_the_margin_as_often_as_it_says(seeds: int) -> None:
    random = np.random.default_rng(seeds)
    outside = 0
    for _ in range(2000):
        measured, (one, other) = random.normal(4, 0.01, seeds), random.normal(4, 0.01, 2)
        margin = Noise(seeds, {"all": float(measured.std(ddof=1))}).margin("all", 0.95)
        outside += margin is not None and abs(one - other) > margin
    assert 0.035 <= outside / 2000 <= 0.065


def test_what_was_not_measured_is_unknown(tmp_path: Path) -> None:
    assert Noise(3, {"all": 0.01}).margin("reviews", 0.95) is None
    assert read_noise(tmp_path / "noise.json") is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"seeds": 1, "sd": {"all": 0.1}}', '{"seeds": 3, "sd": {"all": -1}}']
)
def test_a_file_that_says_nothing_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "noise.json").write_text(text)
    with pytest.raises(Refusal, match=r"noise\.json"):
        read_noise(tmp_path / "noise.json")
