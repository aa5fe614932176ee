"""The champion: who it is, what became of challengers, and the way back."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from xuxie.cli.verbs import Verbs
from xuxie.entry import PARAMS

if TYPE_CHECKING:
    from rich.table import Table

    from xuxie.retrain.history.rows import Row


def add(verb: Verbs) -> None:
    looking = verb("history", history, "重训的记录：每次结果和原因 every retraining, and why")
    looking.add_argument("-n", type=int, default=20, help="最近几条 how many (20)")
    looking.add_argument(
        "--html", action="store_true", help="写成页面 write the page reports/retrain.html"
    )
    going = verb(
        "rollback", rollback, "回到上一个冠军，不到一秒 back to the champion before, in a second"
    )
    going.add_argument("--to", metavar="VERSION", help="回到这个版本 to this version")
    verb(
        "doctor",
        doctor,
        "找出并修好崩溃留下的东西：锁、半截目录、没有进程的运行、冠军指针、别名、未推送的数据"
        " find and mend what crashes leave: locks, half folders, runs, the champion's pointer",
    )
    verb("status", status, "现在的冠军、进行中的重训 the champion, and a retraining in progress")


def history(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from xuxie.retrain.history.rows import rows
    from xuxie.retrain.promotion.ledger import entries

    found = rows(entries())
    console = Console()
    console.print(table(found[: arguments.n]))
    if (left := len(found) - arguments.n) > 0:
        console.print(f"更早 earlier: {left}")
    if arguments.html:
        from xuxie.retrain.history.shown import write_page
        from xuxie.retrain.places import PAGE

        write_page(Path())
        console.print(f"页面 page: {PAGE}")
    return 0


def table(rows: "list[Row]") -> "Table":
    from rich.box import SIMPLE
    from rich.table import Table
    from rich.text import Text

    from xuxie.retrain.history.page import local

    made = Table(box=SIMPLE, expand=True)
    for name in ("时间 when", "结果 outcome", "冠军", "比特/字"):
        made.add_column(name, no_wrap=True)
    made.add_column("原因 why", ratio=1)
    for row in rows:
        why = "\n".join(f"{reason.chinese}\n{reason.english}" for reason in row.reasons)
        bits = "" if row.bits is None else f"{row.bits:.3f}"
        version = f"v{row.version}" if row.version else ""
        made.add_row(local(row.at), row.word, version, bits, Text(why, overflow="fold"))
    return made


def rollback(arguments: argparse.Namespace) -> int:
    """The pointer moves first: it is what `generate` follows. MLflow's aliases come after it."""
    from xuxie.retrain.history.shown import write_page
    from xuxie.retrain.promotion.rollback import roll_back

    found = roll_back(Path().resolve(), arguments.to)
    print(f"冠军 champion: v{found.version}", flush=True)
    write_page(Path())

    from xuxie import config
    from xuxie.retrain.promotion.promote import mirrored

    tracking = config.load(PARAMS).track
    if tracking.enabled and not mirrored(tracking, found):
        print(
            "MLflow 连不上，别名稍后由 xuxie doctor 补上"
            " | MLflow is out of reach: xuxie doctor will set its aliases"
        )
    return 0


def status(_: argparse.Namespace) -> int:
    from xuxie.retrain.history.status import lines

    for line in lines(Path().resolve()):
        print(line)
    return 0


def doctor(_: argparse.Namespace) -> int:
    """0 if all is well or mended; 65 if a person must act; 75 while a retraining runs."""
    from xuxie import config
    from xuxie.errors import ExitCode
    from xuxie.retrain.doctor import examine
    from xuxie.retrain.history.status import at_work
    from xuxie.retrain.turn import turn

    project, found = Path().resolve(), []
    with turn(project, wait=False):
        for finding in examine(project, config.load(PARAMS).track, print):
            print(finding.line(), flush=True)
            found.append(finding)
    if not found:
        print("没有发现问题 | nothing is wrong")
    for line in at_work(project):
        print(line)
    return 0 if all(finding.mended for finding in found) else ExitCode.DATA
