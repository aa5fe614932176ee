"""The search for settings of train and model."""

import argparse

from xuxie.cli.verbs import Verbs
from xuxie.entry import PARAMS


def add(verb: Verbs) -> None:
    tuning = verb(
        "tune",
        tune,
        "搜索 train 和 model 的配置（conf/tune），写成 conf/experiment/NAME.yaml；中断后可继续"
        " search settings of train and model (conf/tune) and write conf/experiment/NAME.yaml;"
        " goes on after a stop",
    )
    tuning.add_argument("name", metavar="NAME", help="实验名 name of the search and the experiment")
    tuning.add_argument("--trials", type=int, help="试验总数 trials in all (tune.trials)")


def tune(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from xuxie import config
    from xuxie.tune.command import run

    values = config.load(PARAMS).model_dump()
    if arguments.trials is not None:
        values["tune"]["trials"] = arguments.trials
    run(arguments.name, config.check(values), Console())
    return 0
