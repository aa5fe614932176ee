"""Which vocabulary is worth having: tokenizers compared at equal compute."""

import argparse
import subprocess
from pathlib import Path

from xuxie.cli.verbs import Verbs
from xuxie.entry import PARAMS

REPORT = Path("reports/tokenizers.html")
METRICS = Path("metrics/tokenizers.json")


def add(verb: Verbs) -> None:
    comparing = verb(
        "tokenizers",
        tokenizers,
        "比较分词器：同样的计算量，谁的比特/字更少；中断后再次运行即继续"
        " compare tokenizers at equal compute in bits per character; goes on after a stop",
    )
    comparing.add_argument(
        "--share",
        type=float,
        default=0.1,
        help="每个分词器用配置训练的几成计算 share of the configured training's operations that"
        " each may spend (0.1)",
    )
    comparing.add_argument(
        "--given",
        type=Path,
        metavar="FOLDER",
        help="现成词表所在目录 folder of a given vocabulary, as transformers saves one"
        " (models/pretrained)",
    )


def tokenizers(arguments: argparse.Namespace) -> int:
    """0; or the exit code of a stage that failed, which has said what is wrong."""
    from rich.console import Console

    from xuxie import config
    from xuxie.compare.bakeoff import BakeOff, check_plan
    from xuxie.compare.candidates import candidates
    from xuxie.compare.noise import read_noise
    from xuxie.compare.standings import judged
    from xuxie.compare.standings_page import page, show
    from xuxie.store.files import write_json, write_text

    settings = config.load(PARAMS)
    check_plan(settings, arguments.share)
    found = candidates(settings, Path(), arguments.given)
    try:
        baked = BakeOff(found, Path(), arguments.share).run()
    except subprocess.CalledProcessError as failed:
        return failed.returncode
    noise = read_noise(Path("metrics/noise.json"))
    result = judged(baked, settings.evaluate.bootstrap, noise)
    write_json(METRICS, result.values())
    write_text(REPORT, page(result))
    show(result, Console())
    print(f"→ {REPORT}, {METRICS}")
    return 0
