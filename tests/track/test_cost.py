"""Hours, energy and money of a training."""

from pathlib import Path

import pytest

from xuxie.track.cost import Meter
from xuxie.track.settings import TrackSettings

RANGE = 1000_000_000


@pytest.fixture
def powercap(tmp_path: Path) -> Path:
    """Two packages as Linux shows them, one with a part of its own, which must not count twice."""
    for name in ("intel-rapl:0", "intel-rapl:1", "intel-rapl:0:0"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "energy_uj").write_text("900000000\n")
        (tmp_path / name / "max_energy_range_uj").write_text(f"{RANGE}\n")
    return tmp_path


def test_energy_is_summed_over_packages_and_over_the_counters_end(
    tracking: TrackSettings, powercap: Path
) -> None:
    meter = Meter(tracking, 0, {}, powercap)
    (powercap / "intel-rapl:0" / "energy_uj").write_text("960000000\n")
    assert meter.spent()["cost/machine_kwh"] == pytest.approx(60 / 3.6e6)
    (powercap / "intel-rapl:0" / "energy_uj").write_text("20000000\n")
    (powercap / "intel-rapl:1" / "energy_uj").write_text("901000000\n")
    assert meter.spent()["cost/machine_kwh"] == pytest.approx((120 + 1) / 3.6e6)


def test_without_counters_there_is_no_energy_and_without_gpus_no_hours_of_them(
    tracking: TrackSettings, tmp_path: Path
) -> None:
    assert set(Meter(tracking, 0, {}, tmp_path).spent()) == {"cost/hours", "cost/cpu_hours"}


def test_an_attempt_counts_on_from_the_one_before_and_money_follows_the_hours(
    tracking: TrackSettings, tmp_path: Path
) -> None:
    prices = {"price_per_cpu_hour": 0.5, "price_per_gpu_hour": 20.0, "currency": "EUR"}
    earlier = {"cost/hours": 2.0, "cost/cpu_hours": 3.0, "cost/gpu_hours": 4.0, "val/loss": 9.0}
    spent = Meter(tracking.model_copy(update=prices), 2, earlier, tmp_path).spent()
    assert spent.keys() == {"cost/hours", "cost/cpu_hours", "cost/gpu_hours", "cost/EUR"}
    assert 2 < spent["cost/hours"] < 2.01
    assert 4 < spent["cost/gpu_hours"] < 4.02
    assert spent["cost/EUR"] == pytest.approx(
        spent["cost/cpu_hours"] * 0.5 + spent["cost/gpu_hours"] * 20
    )


def test_work_is_counted_as_cpu_and_memory(tracking: TrackSettings, tmp_path: Path) -> None:
    meter = Meter(tracking, 0, {}, tmp_path)
    block = bytearray(60_000_000)
    while meter.spent()["cost/cpu_hours"] < 0.05 / 3600:
        sum(range(10_000))
    usage = meter.usage()
    assert usage["system/process_cpu_percentage"] > 0
    assert usage["system/process_memory_megabytes"] > len(block) / 1e6
