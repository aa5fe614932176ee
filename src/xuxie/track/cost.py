"""What a training has used: hours of CPU and GPU, energy where the machine tells it, money."""

import os
import time
from pathlib import Path

from xuxie.track.settings import TrackSettings

# Linux counts the energy of each processor package here, where we may read it.
POWERCAP = Path("/sys/class/powercap")
JOULES_PER_KWH = 3.6e6


class Meter:
    """Counts from its making on, on top of what earlier attempts of the same training used.

    Of several processes it counts the CPU time of this one.

    Args:
        gpus: that the training holds, all of the time.
        earlier: what the attempts before this one have told.
    """

    def __init__(
        self,
        settings: TrackSettings,
        gpus: int,
        earlier: dict[str, float],
        powercap: Path = POWERCAP,
    ) -> None:
        self.settings, self.gpus, self.earlier = settings, gpus, earlier
        self.wall, self.cpu = time.monotonic(), cpu_seconds()
        self.packages = {path: Package(path) for path in sorted(powercap.glob("intel-rapl:?"))}
        self.asked = (self.wall, self.cpu)

    def spent(self) -> dict[str, float]:
        """Hours, and kWh of the whole machine's processors, since the training's first attempt."""
        wall = (time.monotonic() - self.wall) / 3600
        own = {
            "cost/hours": wall,
            "cost/cpu_hours": (cpu_seconds() - self.cpu) / 3600,
            "cost/gpu_hours": wall * self.gpus,
        }
        joules = [package.joules() for package in self.packages.values()]
        told = [value for value in joules if value is not None]
        if told:
            own["cost/machine_kwh"] = sum(told) / JOULES_PER_KWH
        if not self.gpus:
            del own["cost/gpu_hours"]
        total = {key: value + self.earlier.get(key, 0.0) for key, value in own.items()}
        return total | self.money(total)

    def money(self, total: dict[str, float]) -> dict[str, float]:
        """At the configured prices; nothing where none is configured."""
        prices = {
            "cost/cpu_hours": self.settings.price_per_cpu_hour,
            "cost/gpu_hours": self.settings.price_per_gpu_hour,
        }
        known = [total[key] * price for key, price in prices.items() if price and key in total]
        return {f"cost/{self.settings.currency}": sum(known)} if known else {}

    def usage(self) -> dict[str, float]:
        """CPU (100 is one core) since the last call, and memory, of this process."""
        (wall, cpu), self.asked = self.asked, (time.monotonic(), cpu_seconds())
        seconds = max(self.asked[0] - wall, 1e-6)
        return {
            "system/process_cpu_percentage": 100 * (self.asked[1] - cpu) / seconds,
            "system/process_memory_megabytes": resident_bytes() / 1e6,
        }


class Package:
    """One processor package's counter of microjoules, which begins anew at its range."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.last, self.sum = self.read(), 0

    def read(self) -> int | None:
        """None where the counter is for root alone."""
        try:
            return int((self.path / "energy_uj").read_text())
        except OSError:
            return None

    def joules(self) -> float | None:
        """Since the making of this object; asked at least once a range (hours)."""
        now = self.read()
        if now is None or self.last is None:
            return None
        passed = now - self.last
        if passed < 0:
            passed += int((self.path / "max_energy_range_uj").read_text())
        self.sum, self.last = self.sum + passed, now
        return self.sum / 1e6


def cpu_seconds() -> float:
    """Of this process and its children that have ended."""
    return sum(os.times()[:4])


def resident_bytes() -> int:
    """Memory of this process; 0 where there is no /proc."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
