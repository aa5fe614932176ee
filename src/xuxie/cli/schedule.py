"""Retraining at set times, and notices of it."""

import argparse
import sys
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from xuxie.cli.verbs import Verbs
from xuxie.entry import PARAMS
from xuxie.errors import ExitCode

KINDS = ("systemd", "cron", "github", "kubernetes")


def add(verb: Verbs) -> None:
    scheduling = verb(
        "schedule",
        schedule,
        "按 retrain.schedule 的时间运行 xuxie retrain，直到被停止"
        " run `xuxie retrain` at the times of retrain.schedule, until stopped",
    )
    asking = scheduling.add_mutually_exclusive_group()
    asking.add_argument("--next", type=int, metavar="N", help="只列出接下来的时间 list N times")
    asking.add_argument(
        "--history", action="store_true", help="看记录 what was run, and how it ended"
    )
    asking.add_argument(
        "--write", choices=KINDS, help="改用别的调度器：写出它的文件 files for another scheduler"
    )
    scheduling.add_argument("--out", type=Path, default=Path(), help="写到哪里 where to")
    verb("notify", notify, "发一条测试通知 send a notice to the addresses in XUXIE_NOTIFY_URLS")


def schedule(arguments: argparse.Namespace) -> int:
    from xuxie import config
    from xuxie.retrain.schedule.service import serve

    settings = config.load(PARAMS).retrain.schedule
    if arguments.next:
        return list_next(settings.cron, settings.timezone, arguments.next)
    if arguments.history:
        return show_history()
    if arguments.write:
        return write(arguments.write, arguments.out)
    print(f"{settings.cron} {settings.timezone}；Ctrl-C 停止 to stop；--history 看记录", flush=True)
    serve(Path().resolve(), [str(command()), "retrain"], settings)
    return 0


def command() -> Path:
    """The `xuxie` of this environment."""
    return Path(sys.executable).with_name("xuxie")


def list_next(cron: str, timezone: str, count: int) -> int:
    from zoneinfo import ZoneInfo

    from xuxie.retrain.schedule.cron import following, trigger

    for slot in islice(following(trigger(cron, timezone), datetime.now(UTC)), count):
        print(slot.astimezone(ZoneInfo(timezone)).isoformat(sep=" "))
    return 0


def show_history() -> int:
    from rich.console import Console
    from rich.table import Table

    from xuxie.retrain.schedule.history import History

    table = Table()
    for name in (
        "时间 at",
        "事件 event",
        "时段 slot",
        "次 attempt",
        "退出码 code",
        "秒 s",
        "日志 log",
    ):
        table.add_column(name)
    for line in list(History(Path()).lines())[-200:]:
        names = ("at", "event", "slot", "attempt", "code", "seconds", "log")
        table.add_row(*("" if line.get(name) is None else str(line[name]) for name in names))
    Console().print(table)
    return 0


def write(kind: str, out: Path) -> int:
    from xuxie import config
    from xuxie.retrain.schedule.files import files
    from xuxie.store.files import write_text

    settings = config.load(PARAMS).retrain.schedule
    made = files(kind, settings, str(Path().resolve()), str(command()))
    for name, text in made.items():
        write_text(out / name, text)
        print(out / name)
    return 0


def notify(_: argparse.Namespace) -> int:
    from xuxie.retrain.notices import Notice, tell
    from xuxie.retrain.notices.send import VARIABLE, channels
    from xuxie.retrain.outcome import Outcome, Reason
    from xuxie.retrain.settings import Notices

    found = channels()
    if not found:
        print(f"{VARIABLE} 是空的 | {VARIABLE} is empty", file=sys.stderr)
        return ExitCode.PARAMETERS
    reason = Reason("test", "这是一条测试通知", "this is a notice to try the channel")
    failed = tell(Notices(outcomes=["nothing"]), Notice(Outcome.NOTHING, "", [reason]))
    reached = len(found) - len(failed)
    print(f"送达 reached: {reached} / {len(found)}")
    return ExitCode.UNAVAILABLE if failed else 0
