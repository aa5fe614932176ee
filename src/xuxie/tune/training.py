"""One trial: the train stage as a process of its own, on the project's data, watched from here."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from xuxie.config import Config
from xuxie.store.files import write_text
from xuxie.store.journal import entries
from xuxie.track.place import logs, root

MONITORED = "val/bits_per_character"
PAUSE = 0.2
SOURCE = Path(__file__).parents[2]
# What the stage writes, beside the model.
OUTPUTS = {"out": "model", "metrics": "train.json", "curves": "loss.csv"}
INPUTS = {
    "tokens": "data/tokens",
    "tokenizer": "models/tokenizer",
    "pretrained": "models/pretrained",
}


@dataclass(frozen=True)
class Training:
    """A training of a sweep; what it writes lies in `folder`, its messages in `log.txt` there."""

    sweep: str
    name: str
    folder: Path

    def run(self, settings: Config, stop: Callable[[int, float], bool]) -> int | None:
        """Train, or go on with what an earlier process began.

        Args:
            stop: is told the number of each validation and its bits per character; where it says
                true, the training is stopped.

        Returns:
            The stage's exit code, None where `stop` ended it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        tree = settings.model_dump()
        write_text(self.folder / "params.yaml", yaml.safe_dump(tree, allow_unicode=True))
        before = set(logs().glob("*-train-*"))
        with self.started() as process:
            for number, value in enumerate(self.validations(process, before), 1):
                if stop(number, value):
                    return None
            return process.wait()

    @contextmanager
    def started(self) -> Iterator["subprocess.Popen[bytes]"]:
        """The stage's process, which does not outlive this block, nor this process."""
        with (self.folder / "log.txt").open("ab") as log:
            process = subprocess.Popen(
                self.command(), env=self.environment(), stdout=log, stderr=subprocess.STDOUT
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait()

    def command(self) -> list[str]:
        outputs = {name: self.folder / path for name, path in OUTPUTS.items()}
        paths = {"params": self.folder / "params.yaml"} | INPUTS | outputs
        words = [word for name, path in paths.items() for word in (f"--{name}", str(path))]
        return [sys.executable, "-m", "xuxie.train", *words]

    def environment(self) -> dict[str, str]:
        """Its run is called as the trial, and stands under the sweep's."""
        own = {"DVC_EXP_NAME": self.name, "XUXIE_SWEEP": self.sweep, "DVC_ROOT": str(root())}
        return dict(os.environ) | own | {"PYTHONPATH": str(SOURCE)}

    def validations(self, process: "subprocess.Popen[bytes]", before: set[Path]) -> Iterator[float]:
        """Bits per character of each validation, as the run's log is told of it."""
        log, offset, over = None, 0, False
        while not over:
            over = process.poll() is not None
            log = log or self.log(before)
            for event, after in entries(log / "events.jsonl", offset) if log else ():
                offset = after
                if event["kind"] == "metrics" and MONITORED in event["values"]:
                    yield event["values"][MONITORED]
            time.sleep(0 if over else PAUSE)

    def log(self, before: set[Path]) -> Path | None:
        """The folder of the run's log: a new one, or that of a training that goes on."""
        found = sorted(logs().glob("*-train-*"), key=lambda path: (path in before, path.name))
        return next((path for path in found if self.tells_of(path)), None)

    def tells_of(self, log: Path) -> bool:
        events = (event for event, _ in entries(log / "events.jsonl"))
        return any(event["kind"] == "begin" and event["name"] == self.name for event in events)
