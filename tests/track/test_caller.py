"""A stage that tells its run something waits for no network, however bad it is."""

import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from xuxie.store.journal import entries
from xuxie.track import sender
from xuxie.track.run import training_run
from xuxie.track.settings import TrackSettings

NETWORK = ("socket.connect", "socket.getaddrinfo", "sqlite3.connect")


class Watch:
    """The threads that touch a network or a database while it is open; Python tells of both."""

    def __init__(self) -> None:
        self.open, self.threads = True, set[str]()
        sys.addaudithook(self.note)

    def note(self, event: str, _: object) -> None:
        if self.open and event in NETWORK:
            self.threads.add(threading.current_thread().name)


@pytest.fixture
def watch() -> Iterator[Watch]:
    made = Watch()
    yield made
    made.open = False  # a hook can never be taken away


@pytest.fixture
def silent_server() -> Iterator[str]:
    """Takes every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    for thread in threading.enumerate():
        if thread.name == "tracking":  # now that nobody answers, it gives up
            thread.join()


def test_only_the_sender_touches_the_network(
    project: Path,
    watch: Watch,
    silent_server: str,
    tracking: TrackSettings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", silent_server)
    monkeypatch.setattr(sender, "PATIENCE", 1.0)
    (project / "report.html").touch()
    with training_run(tracking, name="first", params={"a": 1}, tags={}, key="first") as run:
        for step in range(1000):
            run.metrics({"train/loss": 1.0, "train/rate": 1.0} | run.usage(), step=step)
        run.artifact(project / "report.html", "report")
        run.table("samples.json", [{"text": "一"}])
        run.dataset("data/tokens", "0" * 32 + ".dir", "training", {})
        run.metrics(run.spent(), step=1000)
        assert run.folder is not None
        told = [event["kind"] for event, _ in entries(run.folder / "events.jsonl")]
    assert told == ["begin", *["metrics"] * 1000, "artifact", "table", "dataset", "metrics"]
    assert watch.threads == {"tracking"}
    assert "xuxie sync" in capsys.readouterr().out
