"""The `xuxie` command: verbs for people. What a verb needs is imported when it is used."""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from xuxie.entry import PARAMS, exit_codes, set_environment
from xuxie.errors import Refusal
from xuxie.generate.provenance.verb import add_provenance
from xuxie.stopping import listen_for_signals

MODEL = Path("models/gpt")
PAIRS = Path("data/minimal_pairs.tsv")


def main() -> None:
    arguments = parser().parse_args()
    set_environment()
    with exit_codes():
        listen_for_signals()
        sys.exit(arguments.verb(arguments))


def parser() -> argparse.ArgumentParser:
    """The verbs, each with its help."""
    top = argparse.ArgumentParser(
        prog="xuxie", description="续写：从团队自己的中文文本到可信的语言模型"
    )
    verbs = top.add_subparsers(required=True, metavar="VERB")

    def verb(
        name: str, function: Callable[[argparse.Namespace], int], about: str
    ) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=about, description=about)
        added.set_defaults(verb=function)
        return added

    verb(
        "pipeline",
        pipeline,
        "运行整条流水线并给出结果 run everything that changed, show the result",
    )
    verb("summary", summary, "显示最近的结果 show the latest results")
    generating = verb("generate", generate, "续写提示 continue prompts with the trained model")
    generating.add_argument(
        "prompts", nargs="+", metavar="PROMPT", help="开头 the text to continue"
    )
    generating.add_argument("-n", type=int, default=1, help="每个开头的续写数 samples a prompt (1)")
    generating.add_argument("--seed", type=int, help="随机种子 seed (generate.seed)")
    generating.add_argument("--temperature", type=float, help="温度 (generate.temperature)")
    generating.add_argument(
        "--max-new-tokens", type=int, help="最多词元数 (generate.max_new_tokens)"
    )
    generating.add_argument(
        "--stop",
        action="append",
        metavar="TEXT",
        help="遇到此文本即止，可多次给出 end before this text; may be repeated (generate.stop)",
    )
    generating.add_argument(
        "--model", type=Path, default=MODEL, help=f"模型目录 directory ({MODEL})"
    )
    add_provenance(verb)
    comparing = verb(
        "pairs",
        pairs,
        "模型能否认出通顺的句子 does the model find the good one of two sentences likelier",
    )
    comparing.add_argument(
        "source",
        nargs="?",
        type=Path,
        default=PAIRS,
        metavar="FOLDER",
        help=f"JSONL 句对文件夹，如 ZhoBLiMP folder of pairs as JSON lines ({PAIRS})",
    )
    comparing.add_argument(
        "--model", type=Path, default=MODEL, help=f"模型目录 directory ({MODEL})"
    )
    verb(
        "register", register, "把当前模型登记到 MLflow register the current model, once, in MLflow"
    )
    verifying = verb(
        "verify",
        verify,
        "重新校验缓存、数据、模型和登记 re-hash cache, data, models, registry; find damage",
    )
    verifying.add_argument(
        "--repair", action="store_true", help="恢复有完好副本的文件 put back what has a good copy"
    )
    reproducing = verb(
        "reproduce",
        reproduce,
        "在干净的检出里重做一个运行，逐字节比较 make a run again elsewhere and compare the bytes",
    )
    reproducing.add_argument(
        "what", metavar="WHAT", help="运行、版本或 git 版本 a run, a version (3), a git revision"
    )
    reproducing.add_argument(
        "--to", default="", metavar="STAGE", help="做到这个阶段为止 stop after this stage"
    )
    reproducing.add_argument(
        "--fresh-environment",
        action="store_true",
        help="按该提交的 requirements.lock 新建环境 install that commit's requirements.lock",
    )
    reproducing.add_argument(
        "--anyway", action="store_true", help="明知会不同也试 try even where it will differ"
    )
    reproducing.add_argument(
        "--folder", type=Path, help="检出的位置，保留 where the checkout is made and kept"
    )
    machine = verb(
        "fingerprint",
        fingerprint,
        "这台机器能否逐字节重现该模型 whether this machine can reproduce a model to the byte",
    )
    machine.add_argument(
        "what", nargs="?", default="HEAD", metavar="WHAT", help="同 reproduce (HEAD)"
    )
    verb("sync", sync, "补发未送达 MLflow 的记录 send what MLflow did not get")
    serving = verb("ui", ui, "在本机打开 MLflow open the MLflow UI on localhost")
    serving.add_argument("--port", type=int, default=5000)
    return top


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


def generate(arguments: argparse.Namespace) -> int:
    """Stream continuations of the prompts to the terminal."""
    from xuxie import config

    settings = config.load(PARAMS)
    chosen = {
        name: getattr(arguments, name)
        for name in ("seed", "temperature", "max_new_tokens", "stop")
        if getattr(arguments, name) is not None
    }
    generating = settings.generate.model_dump() | {
        "samples": arguments.n,
        "prompts": arguments.prompts,
    }
    checked = config.check(settings.model_dump() | {"generate": generating | chosen}).generate

    import torch

    from xuxie.generate.growing import OneAfterAnother
    from xuxie.generate.sample import Sampler
    from xuxie.model.directory import load_model, load_tokenizer

    torch.set_num_threads(checked.threads)
    sampler = Sampler(load_model(arguments.model), load_tokenizer(arguments.model), checked)
    wanted = [(prompt, number) for prompt in checked.prompts for number in range(checked.samples)]
    show = OneAfterAnother(
        [prompt for prompt, _ in wanted], lambda piece: print(piece, end="", flush=True)
    )
    for _ in sampler.samples(wanted, show):
        pass
    return 0


def pairs(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from xuxie import config
    from xuxie.evaluate.minimal_pairs.command import show

    show(config.load(PARAMS).evaluate, arguments.source, arguments.model, Console())
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


def verify(arguments: argparse.Namespace) -> int:
    """0 if all is intact or was repaired, 65 if damage is left."""
    from rich.console import Console
    from tqdm import tqdm

    from xuxie import config
    from xuxie.errors import ExitCode
    from xuxie.proof.told import show
    from xuxie.proof.verify import verify as verified

    experiment = config.load(PARAMS).track.experiment
    with tqdm(desc="校验 verify", unit="B", unit_scale=True, disable=None, leave=False) as bar:

        def tell(count: int) -> None:
            bar.update(count)

        findings = verified(Path(), experiment, repair=arguments.repair, tell=tell)
    show(findings, Path().resolve(), Console(soft_wrap=True))
    return ExitCode.DATA if findings.left or findings.unlisted else 0


def reproduce(arguments: argparse.Namespace) -> int:
    """0 if identical, 77 if a stage gives other bytes; refusals have the codes of errors.py."""
    from xuxie import config
    from xuxie.errors import ExitCode
    from xuxie.proof.reproduce import Wish
    from xuxie.proof.reproduce import reproduce as made_again

    wish = Wish(
        what=arguments.what,
        last=arguments.to,
        fresh=arguments.fresh_environment,
        anyway=arguments.anyway,
        folder=arguments.folder,
    )

    def tell(line: str) -> None:
        print(line, flush=True)

    same = made_again(Path(), config.load(PARAMS).track, wish, tell)
    return 0 if same else ExitCode.DIFFERENT


def fingerprint(arguments: argparse.Namespace) -> int:
    """0 if this machine can reproduce the model, 77 if it cannot."""
    from xuxie import config
    from xuxie.errors import ExitCode
    from xuxie.proof.cache import cache_of
    from xuxie.proof.fingerprint import here, verdict
    from xuxie.proof.record import record_of

    project = Path().resolve()
    record = record_of(project, cache_of(project), config.load(PARAMS).track, arguments.what)
    found = here(record)
    for name, value in found.here.items():
        print(f"{name:14} {value}")
    print(verdict(found))
    return 0 if found.alike else ExitCode.DIFFERENT


def sync(_: argparse.Namespace) -> int:
    from xuxie import config
    from xuxie.track.sender import send_waiting

    count = send_waiting(config.load(PARAMS).track.experiment)
    print(f"已补发 {count} 个运行的记录 | sent the records of {count} runs")
    return 0


def ui(arguments: argparse.Namespace) -> int:
    """MLflow's server on the loopback interface, in this process's place."""
    from xuxie.track.place import root, tracking_uri

    uri = tracking_uri()
    if not uri.startswith("sqlite:"):
        print(f"MLflow 已在别处运行 | MLflow runs elsewhere: {uri}")
        return 0
    print(f"http://127.0.0.1:{arguments.port} （Ctrl-C 结束 to stop）", flush=True)
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
