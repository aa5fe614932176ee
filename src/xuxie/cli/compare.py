"""Which model is better, by how much, and how sure that is."""

import argparse
from pathlib import Path

from xuxie.cli.verbs import Verbs
from xuxie.entry import PARAMS

COMPARISON = Path("reports/compare.html")


def add(verb: Verbs) -> None:
    add_compare(verb)
    add_noise(verb)


def add_compare(verb: Verbs) -> None:
    comparing = verb(
        "compare",
        compare,
        "比较模型：谁更好、好多少、有多确定 compare models: which is better, how much, how sure",
    )
    comparing.add_argument(
        "models",
        nargs="+",
        metavar="MODEL",
        help="运行编号或名称、git 版本、DVC 实验、登记的版本（3 或 NAME/3）、. 为工作区；"
        "可写 run:、git:、version: 以免歧义 a run's id or name, a git revision, a DVC experiment,"
        " a registered version (3 or NAME/3), . for the workspace; run:, git: or version: before"
        " a word that could mean several",
    )
    comparing.add_argument(
        "--report", type=Path, default=COMPARISON, help=f"网页 where the page goes ({COMPARISON})"
    )
    comparing.add_argument(
        "--no-log", action="store_true", help="不记入 MLflow do not log the page to MLflow"
    )


def add_noise(verb: Verbs) -> None:
    measuring = verb(
        "noise", noise, "种子噪声：k 次短训练的分数相差多少 how far scores move with the seed alone"
    )
    measuring.add_argument("--seeds", type=int, default=3, help="训练次数 trainings (3)")
    measuring.add_argument(
        "--share", type=float, default=0.2, help="占 train.epochs 的几成 share of the epochs (0.2)"
    )


def compare(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from xuxie import config
    from xuxie.compare.command import run

    settings = config.load(PARAMS)
    run(
        arguments.models,
        settings.evaluate.bootstrap,
        settings.track,
        report=arguments.report,
        log=not arguments.no_log,
        console=Console(),
    )
    return 0


def noise(arguments: argparse.Namespace) -> int:
    """Short trainings that differ in their seed alone -> metrics/noise.json."""
    from xuxie import config
    from xuxie.compare.seeds import Plan, check_plan, show

    check_plan(arguments.seeds, arguments.share)
    return show(Plan(config.load(PARAMS), Path(), arguments.seeds, arguments.share))
