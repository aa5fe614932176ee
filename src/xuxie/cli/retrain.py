"""Training again when there is reason to."""

import argparse
import os
from pathlib import Path

from xuxie.cli.verbs import Verbs
from xuxie.entry import PARAMS


def add(verb: Verbs) -> None:
    retraining = verb(
        "retrain",
        retrain,
        "有新文本就重训：判断、训练、与冠军比较、晋升或说明原因；中断后再次运行即继续"
        " train again if new text calls for it, judge it against the champion, promote it or say"
        " why not; called again after a stop it goes on",
    )
    retraining.add_argument(
        "--force", action="store_true", help="不问理由 train whether or not it is due"
    )
    retraining.add_argument(
        "--strategy",
        choices=("scratch", "continue", "auto"),
        default="",
        help="从头、续训或按测量决定 from scratch, on from the champion, or as measured"
        " (retrain.training.strategy)",
    )
    retraining.add_argument(
        "--wait",
        action="store_true",
        help="等别的重训结束 wait for another retraining to end, instead of exit code 75",
    )


def retrain(arguments: argparse.Namespace) -> int:
    """0 whatever the verdict; 75 if another retraining runs; a failed stage's own code."""
    from xuxie import config
    from xuxie.retrain.command import retrain as run
    from xuxie.retrain.prepare import Wish

    wish = Wish(
        force=arguments.force,
        strategy=arguments.strategy,
        trigger=os.environ.get("XUXIE_TRIGGER", "command"),
    )

    def tell(line: str) -> None:
        print(line, flush=True)

    outcome = run(Path().resolve(), config.load(PARAMS), wish, tell, wait=arguments.wait)
    print(f"结果 outcome: {outcome.value}")
    return 0
