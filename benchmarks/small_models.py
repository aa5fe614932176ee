"""Models of seconds, made by the stages' own code: what benchmarks about judging models train."""

import contextlib
from pathlib import Path

from xuxie.config import Config, check
from xuxie.params.compose import compose
from xuxie.store.directories import whole_directory
from xuxie.tokenizer import stage as tokenizing
from xuxie.tokenizer.settings import TokenizerSettings
from xuxie.train import stage as training

CONF = Path(__file__).resolve().parent.parent / "conf"
COMMON = (
    "model=tiny",
    "tokenizer.vocabulary=2000",
    "train.threads=1",
    "train.validations=1",
    "track.enabled=false",
)


def settings(*overrides: str) -> Config:
    return check(compose(CONF, [*COMMON, *overrides]))


def tokenize(
    chosen: TokenizerSettings, splits: Path, out: Path, pretrained: Path | None = None
) -> None:
    """Leave `tokenizer` and `tokens` in `out`; what an earlier call left is taken as it is."""
    if (out / "tokens/COMPLETE").exists():
        return
    tokenizing.run(
        chosen,
        splits=splits,
        pretrained=pretrained or nothing(out / "pretrained"),
        out=out / "tokenizer",
        tokens=out / "tokens",
        metrics=out / "tokenizer.json",
    )


def train(
    chosen: Config, data: Path, out: Path, work: Path, pretrained: Path | None = None
) -> Path:
    """A model directory; one that an earlier call made is taken as it is.

    Args:
        data: what `tokenize` left.
        work: where the stage runs, and keeps its checkpoints.
    """
    if not (out / "COMPLETE").exists():
        with contextlib.chdir(work):
            training.run(
                chosen.train,
                chosen.model,
                chosen.track,
                tokens=data / "tokens",
                tokenizer=data / "tokenizer",
                pretrained=pretrained or nothing(data / "pretrained"),
                out=out,
                metrics=work / "train.json",
                curves=work / "loss.csv",
            )
    return out


def nothing(folder: Path) -> Path:
    """As fetch leaves it where no pretrained model is configured."""
    if not (folder / "COMPLETE").exists():
        with whole_directory(folder):
            pass
    return folder
