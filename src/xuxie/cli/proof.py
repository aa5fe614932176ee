"""Whether all that is kept is intact, and can be made again."""

import argparse
from pathlib import Path

from xuxie.cli.verbs import Verbs
from xuxie.entry import PARAMS


def add(verb: Verbs) -> None:
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
