"""Where retraining stands, in a few lines; reads only what lies in the project."""

from collections.abc import Iterator
from pathlib import Path

from xuxie.retrain.history.page import local
from xuxie.retrain.history.rows import Row, rows
from xuxie.retrain.job import in_progress
from xuxie.retrain.places import LOCK
from xuxie.retrain.promotion.ledger import JOURNAL, entries
from xuxie.store.ledger import broken
from xuxie.store.lock import is_held
from xuxie.track.champion import champion


def lines(project: Path) -> Iterator[str]:
    now = champion(project)
    if now is None:
        yield "还没有冠军：运行 xuxie retrain | no champion yet: run xuxie retrain"
    else:
        since = local(now.since)
        yield f"冠军 champion: v{now.version}  自 since {since}  {now.folder}"
        if now.previous:
            yield f"上一个 before it: v{now.previous}  （xuxie rollback）"
    yield from at_work(project)
    if found := rows(entries(project)):
        yield last(found[0])
    if (damage := broken(project / JOURNAL)) is not None:
        yield (
            f"流水记录第 {damage.line} 行对不上 | the journal breaks at line {damage.line}:"
            f" {damage.reason}"
        )


def at_work(project: Path) -> Iterator[str]:
    job = in_progress(project)
    if job is None:
        yield "没有进行中的重训 | no retraining in progress"
    elif is_held(project / LOCK):
        done = ", ".join(job.done) or "—"
        yield f"正在重训 retraining: {job.id}  已完成 done: {done}"
    else:
        yield (
            f"重训 {job.id} 停在半路：再次运行 xuxie retrain 即继续"
            f" | the retraining {job.id} has stopped half-way: xuxie retrain goes on with it"
        )


def last(row: Row) -> str:
    why = "; ".join(f"{reason.chinese} | {reason.english}" for reason in row.reasons)
    return f"最近一次 latest: {local(row.at)}  {row.word}  {why}"
