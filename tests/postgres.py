"""A PostgreSQL server of a test's own, from the binaries of the distribution's package."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from waiting import free_port


class Postgres:
    """Starts at once, trusts the loopback interface alone, and forgets everything at `stop`.

    PostgreSQL never runs as root: there it runs as nobody, in a folder of its own below /tmp.
    """

    def __init__(self) -> None:
        self.folder, self.port = Path(tempfile.mkdtemp(prefix="postgres-")), free_port()
        self.user = "nobody" if os.getuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user)
        self.run("initdb", "--username", "tests", "--auth", "trust", "--encoding", "UTF8")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder}"
        log = str(self.folder / "log")
        self.run("pg_ctl", "start", "--wait", "--log", log, "--options", options)

    def run(self, program: str, *words: str) -> None:
        data = str(self.folder / "data")
        subprocess.run(
            [binary(program), "--pgdata", data, *words],
            user=self.user,
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    @property
    def store(self) -> str:
        return f"postgresql+psycopg://tests@127.0.0.1:{self.port}/postgres"

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "--mode", "immediate")
        shutil.rmtree(self.folder)


def binary(name: str) -> str:
    """A program of PostgreSQL; Debian keeps it off the path."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *map(str, places)]))
    assert found, f"{name} is missing: apt-get install postgresql"
    return found
