"""How much two trainings differ that differ in nothing but their seed."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

from scipy.special import stdtrit

from xuxie.errors import Refusal, bad_data


@dataclass(frozen=True)
class Noise:
    """
    seeds: trainings that were measured.
    sd: standard deviation of one training's bits per character on test, over all documents (`all`)
        and over each source.
    """

    seeds: int
    sd: dict[str, float]

    def margin(self, part: str, confidence: float) -> float | None:
        """Half-width within which the difference of two trainings of one configuration falls.

        A prediction interval for the difference of two new draws from a normal distribution whose
        standard deviation was estimated from `seeds` draws: t with seeds - 1 degrees of freedom,
        times sqrt(2) for two trainings.

        Returns:
            bits per character, or None where `part` was not measured.
        """
        if part not in self.sd:
            return None
        t = float(stdtrit(self.seeds - 1, (1 + confidence) / 2))
        return t * math.sqrt(2) * self.sd[part]


def read_noise(path: Path) -> Noise | None:
    """
    Raises:
        Refusal: the file is not as `xuxie noise` writes it.
    """
    if not path.is_file():
        return None
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        spread = {k: float(row["standard_deviation"]) for k, row in values["test"].items()}
        noise = Noise(len(values["seeds"]), spread)
        usable = noise.seeds >= 2 and all(sd >= 0 for sd in noise.sd.values())
    except (ValueError, KeyError, TypeError, AttributeError):
        usable = False
    if not usable:
        raise bad_noise(path)
    return noise


def bad_noise(path: Path) -> Refusal:
    return bad_data(
        f"{path} 的种子噪声读不出；请重新运行 xuxie noise，或删除它",
        f"{path} holds no seed noise that can be read; run xuxie noise again, or delete it",
    )
