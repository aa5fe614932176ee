"""The same clean job in this process and on a two-node Ray cluster: bytes, time, a killed node.

python benchmarks/ray_cluster.py --megabytes 20 --python /tmp/ray-venv/bin/python

Two raylets of one CPU each on this machine. The third run loses the second raylet, killed with
all its processes half-way; its outputs must be the same to the byte.
"""

import argparse
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from cleaning import shards
from project import Project, check_out

RESULTS = Path(__file__).parent / "results/ray_cluster.json"
OUTPUTS = ("data/clean", "plots/clean", "metrics/clean.json", "reports/clean.html")
PATIENCE = 60  # seconds for a raylet to join


class Cluster:
    """A head and one more node, each a process tree of ours; nothing else is ever killed."""

    def __init__(self, ray: Path, temporary: Path) -> None:
        self.ray = ray
        self.address = f"127.0.0.1:{free_port()}"
        port = self.address.rpartition(":")[2]
        # An address for each, or the job could attach itself to the raylet that is killed.
        head = [
            "--head",
            "--node-ip-address=127.0.0.1",
            f"--port={port}",
            f"--temp-dir={temporary}",
            "--include-dashboard=false",
        ]
        self.head = self.start(*head)
        self.wait(1)
        self.second = self.start("--node-ip-address=127.0.0.2", f"--address={self.address}")
        self.wait(2)

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        command = [
            str(self.ray),
            "start",
            "--block",
            "--num-cpus=1",
            "--disable-usage-stats",
            *words,
        ]
        return subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def wait(self, nodes: int) -> None:
        """Until so many nodes are alive."""
        program = (
            "import ray, sys; ray.init(address=sys.argv[1], log_to_driver=False);"
            "print(sum(node['Alive'] for node in ray.nodes()))"
        )
        words = [str(self.ray.parent / "python"), "-c", program, self.address]
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            if done.stdout.strip().endswith(str(nodes)):
                return
        raise SystemExit(f"{nodes} Ray nodes did not come up in {PATIENCE} s")

    def lose_second(self) -> None:
        kill_tree(self.second)

    def stop(self) -> None:
        kill_tree(self.second)
        kill_tree(self.head)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kill_tree(process: "subprocess.Popen[bytes]") -> None:
    """kill -9 a process and all its descendants."""
    if process.poll() is None:
        root = psutil.Process(process.pid)
        for member in [root, *root.children(recursive=True)]:
            try:
                member.kill()
            except psutil.NoSuchProcess:
                continue
        process.wait()


@contextmanager
def cluster(ray: Path) -> Iterator[Cluster]:
    # Below /tmp itself: the path of a socket may have 107 bytes.
    temporary = Path(f"/tmp/ray-{os.getpid()}")
    made = Cluster(ray, temporary)
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(temporary, ignore_errors=True)


def hashes(project: Project) -> dict[str, str]:
    """SHA-256 of every file that clean writes."""
    paths = [project.folder / name for name in OUTPUTS]
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*"))]
    return {
        str(file.relative_to(project.folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(files)
        if file.is_file()
    }


def cleaned(project: Project, **engine: object) -> dict[str, Any]:
    project.settings(engine=engine)
    for name in OUTPUTS:
        path = project.folder / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    run = project.attempt("clean")
    print(f"{engine}: {run.seconds:.1f} s, exit code {run.code}", flush=True)
    if run.code:
        print(run.output[-2000:], flush=True)
    lines = [line for line in run.output.splitlines() if "beginning anew" in line]
    return {
        "exit_code": run.code,
        "seconds": round(run.seconds, 2),
        "peak_mib": round(run.peak_mib),
        "begun_anew": len(lines),
        "sha256": hashes(project),
    }


def measured(project: Project, ray: Path) -> dict[str, Any]:
    made = {"native": cleaned(project, kind="native", address="")}
    with cluster(ray) as nodes:
        made["ray"] = cleaned(project, kind="ray", address=nodes.address)
    with cluster(ray) as nodes:
        half = threading.Timer(made["ray"]["seconds"] / 2, nodes.lose_second)
        half.start()
        made["ray, a node killed"] = cleaned(project, kind="ray", address=nodes.address)
        half.join()
    native = made["native"]
    for run in made.values():
        run["same_bytes"] = run["sha256"] == native["sha256"] and bool(run["sha256"])
        run["times_as_long_as_native"] = round(run["seconds"] / native["seconds"], 2)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=20)
    parser.add_argument("--python", type=Path, default=Path("/tmp/ray-venv/bin/python"))
    parser.add_argument("--work", type=Path, default=Path("/tmp/xuxie-benchmarks"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    # So that the cluster is stopped when this program is.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    project = check_out(options.work / "ray", options.python)
    project.raw(shards(options.work / "text", options.megabytes))
    project.stage("ingest")
    made = measured(project, options.python.parent / "ray")
    for name, run in made.items():
        print(name, {key: value for key, value in run.items() if key != "sha256"})
    options.results.parent.mkdir(parents=True, exist_ok=True)
    options.results.write_text(
        json.dumps({"megabytes": options.megabytes, **made}, indent=2) + "\n"
    )


if __name__ == "__main__":
    main()
