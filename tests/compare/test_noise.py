"""Seed noise: a prediction that holds, and files that do not."""

import json
from pathlib import Path

import numpy as np
import pytest

from xuxie.compare.noise import Noise, read_noise
from xuxie.compare.seeds import spread
from xuxie.errors import Refusal

PARTS = ("val", "test")


def as_written(seeds: list[int], deviation: float) -> str:
    return json.dumps({"seeds": seeds, "test": {"all": {"standard_deviation": deviation}}})


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


def test_what_the_measurement_writes_is_read(tmp_path: Path) -> None:
    scored = [{part: {"all": {"bits_per_character": b}} for part in PARTS} for b in (4.0, 4.2)]
    written = {"seeds": [1, 2], "epochs": 0.5} | spread(scored)
    (tmp_path / "noise.json").write_text(json.dumps(written))
    noise = read_noise(tmp_path / "noise.json")
    assert noise is not None
    assert noise.seeds == 2
    assert noise.sd["all"] == pytest.approx(0.2 / 2**0.5)


@pytest.mark.parametrize("text", ["", "{", "[]", as_written([1], 0.1), as_written([1, 2], -1)])
def test_a_file_that_says_nothing_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "noise.json").write_text(text)
    with pytest.raises(Refusal, match=r"noise\.json"):
        read_noise(tmp_path / "noise.json")
