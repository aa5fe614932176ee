"""What was judged is not trained on again, until something is otherwise."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from xuxie.config import Config, check
from xuxie.retrain.due.judged import circumstances, judged_before, remember_judged
from xuxie.retrain.due.raw import File, Listing
from xuxie.retrain.outcome import Outcome
from xuxie.retrain.places import Champion

RAW = {"a.txt": File("1", "md5 of a"), "b.txt": File("2", "md5 of b")}
RULING = Champion("3", "f" * 64, Path("runs/champion/v3"))


@pytest.fixture
def settings(plain_settings: dict[str, Any]) -> Config:
    return check(plain_settings)


def key(project: Path, settings: Config, **other: Any) -> dict[str, str]:
    facts: dict[str, Any] = {"champion": RULING, "commit": "c" * 40, "strategy": "auto"}
    return circumstances(project, settings, **(facts | other))


@pytest.fixture
def judged(tmp_path: Path, settings: Config) -> Path:
    remember_judged(tmp_path, key(tmp_path, settings), RAW, "20261101-183000", Outcome.HOLD)
    return tmp_path


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (Outcome.HOLD, "was judged: hold"),
        (Outcome.REJECT, "was judged: reject"),
        # The champion of then is the champion of now: somebody brought it back.
        (Outcome.PROMOTE, "was promoted and rolled back"),
    ],
)
def test_the_same_again_is_nothing_to_do_and_says_why(
    tmp_path: Path, settings: Config, outcome: Outcome, told: str
) -> None:
    remember_judged(tmp_path, key(tmp_path, settings), RAW, "20261101-183000", outcome)
    found = judged_before(tmp_path, key(tmp_path, settings), RAW)
    assert found is not None
    assert "20261101-183000" in found.english
    assert told in found.english


def test_a_file_that_was_touched_is_the_same_text(judged: Path, settings: Config) -> None:
    touched = {name: replace(file, state="touched") for name, file in RAW.items()}
    assert judged_before(judged, key(judged, settings), touched) is not None


@pytest.mark.parametrize(
    "raw",
    [
        RAW | {"c.txt": File("3", "md5 of c")},
        RAW | {"b.txt": File("2", "md5 of b as it was edited")},
        {"a.txt": RAW["a.txt"]},
    ],
    ids=["a file more", "an edited file", "a file less"],
)
def test_other_text_is_tried(judged: Path, settings: Config, raw: Listing) -> None:
    assert judged_before(judged, key(judged, settings), raw) is None


@pytest.mark.parametrize(
    "other",
    [
        {"champion": replace(RULING, fingerprint="e" * 64)},
        {"commit": "d" * 40},
        {"strategy": "scratch"},
    ],
    ids=["champion", "commit", "strategy"],
)
def test_other_circumstances_are_tried(
    judged: Path, settings: Config, other: dict[str, Any]
) -> None:
    assert judged_before(judged, key(judged, settings, **other), RAW) is None


def test_another_gate_or_another_noise_may_judge_otherwise(judged: Path, settings: Config) -> None:
    values = settings.model_dump()
    values["retrain"]["gate"]["seed_noise"] = 0.5
    assert judged_before(judged, key(judged, check(values)), RAW) is None
    (judged / "metrics").mkdir()
    (judged / "metrics/noise.json").write_text("{}")
    assert judged_before(judged, key(judged, settings), RAW) is None


def test_notices_and_schedule_judge_nothing(judged: Path, settings: Config) -> None:
    values = settings.model_dump()
    values["retrain"]["schedule"]["cron"] = "0 4 * * *"
    values["retrain"]["notices"]["outcomes"] = ["promote"]
    assert judged_before(judged, key(judged, check(values)), RAW) is not None
