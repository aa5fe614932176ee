"""The pipeline as a whole, its result, and MLflow."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from xuxie.cli.verbs import MODEL, Verbs
from xuxie.entry import PARAMS
from xuxie.errors import Refusal


def add(verb: Verbs) -> None:
    verb(
        "pipeline",
        pipeline,
        "运行整条流水线并给出结果 run everything that changed, show the result",
    )
    verb("summary", summary, "显示最近的结果 show the latest results")
    verb(
        "register", register, "把当前模型登记到 MLflow register the current model, once, in MLflow"
    )
    verb("sync", sync, "补发未送达 MLflow 的记录 send what MLflow did not get")
    serving = verb("ui", ui, "在本机打开 MLflow open the MLflow UI on localhost")
    serving.add_argument("--port", type=int, default=5000)


def pipeline(_: argparse.Namespace) -> int:
    """`dvc repro`, the summary of its result, and its registration if MLflow can be reached."""
    # Stages start `python`: let it be this one, whether or not the environment is activated.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run([sys.executable, "-m", "dvc", "repro"], check=False)
    if done.returncode:
        return done.returncode
    summary(argparse.Namespace())
    try:
        return register(argparse.Namespace())
    except Refusal as refusal:
        print(f"未登记 not registered: {refusal}")
        return 0


def summary(_: argparse.Namespace) -> int:
    from rich.console import Console

    from xuxie.summary import show

    show(Path(), Console())
    return 0


def register(_: argparse.Namespace) -> int:
    from xuxie import config
    from xuxie.store.manifest import verify as verified
    from xuxie.track.registry import register as add

    tracking = config.load(PARAMS).track
    if tracking.enabled:
        version = add(tracking, verified(MODEL))
        print(f"已登记 registered: {tracking.model} 版本 version {version}")
    return 0


def sync(_: argparse.Namespace) -> int:
    from xuxie import config
    from xuxie.track.sender import send_waiting

    count = send_waiting(config.load(PARAMS).track.experiment)
    print(f"已补发 {count} 个运行的记录 | sent the records of {count} runs")
    return 0


def ui(arguments: argparse.Namespace) -> int:
    """MLflow's server on the loopback interface, in this process's place."""
    from xuxie import config
    from xuxie.track.connection import connect, experiment_id
    from xuxie.track.described import runs_page
    from xuxie.track.outage import without_credentials
    from xuxie.track.place import root, tracking_uri

    uri = tracking_uri()
    if not uri.startswith("sqlite:"):
        print(f"MLflow 已在别处运行 | MLflow runs elsewhere: {without_credentials(uri)}")
        return 0
    page = runs_page(experiment_id(connect(), config.load(PARAMS).track.experiment))
    print(f"http://127.0.0.1:{arguments.port}{page} （Ctrl-C 结束 to stop）", flush=True)
    os.environ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"
    options = {
        "--host": "127.0.0.1",
        "--port": str(arguments.port),
        "--workers": "1",
        "--backend-store-uri": uri,
        "--default-artifact-root": (root() / "mlartifacts").as_uri(),
    }
    words = [word for option in options.items() for word in option]
    return os.execv(sys.executable, [sys.executable, "-m", "mlflow", "server", *words])
