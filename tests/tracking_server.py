"""A real `mlflow server` process on a port of its own, that can be killed and come back."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from waiting import free_port, wait_until


class TrackingServer:
    """
    Args:
        folder: where its database and artifacts lie.
        store: another database, as SQLAlchemy names it.
        words, environment: more for `mlflow server`.
    """

    def __init__(
        self,
        folder: Path,
        store: str = "",
        words: tuple[str, ...] = (),
        environment: dict[str, str] | None = None,
    ) -> None:
        self.folder, self.port, self.words = folder, free_port(), words
        self.store = store or f"sqlite:///{folder / 'server.db'}"
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_TR")}
        self.environment |= {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"} | (environment or {})
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns at once; `wait` waits until it answers."""
        options = {
            "--backend-store-uri": self.store,
            "--artifacts-destination": (self.folder / "artifacts").as_uri(),
            "--host": "127.0.0.1",
            "--port": str(self.port),
            "--workers": "1",
        }
        words = [word for option in options.items() for word in option]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mlflow", "server", *words, *self.words],
                env=self.environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self) -> None:
        wait_until(self.answers)

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "server.log").read_text()[-2000:]
        try:
            with urllib.request.urlopen(f"{self.address}/health", timeout=5) as reply:
                return bool(reply.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        """kill -9, with its workers."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
