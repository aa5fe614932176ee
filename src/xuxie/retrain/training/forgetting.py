"""What a continued training costs on the text that the champion knew. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from xuxie.compare.documents import ALL, FRESH, FROZEN, in_common
from xuxie.compare.paired import Difference, differences
from xuxie.errors import Refusal
from xuxie.evaluate.settings import Bootstrap
from xuxie.retrain.outcome import Reason


@dataclass(frozen=True)
class Change:
    """
    old: differences on held-out documents of before, overall and by source; positive is forgotten.
    new: the difference on held-out documents that came since; None where there is none.
    """

    old: list[Difference]
    new: Difference | None


def changes(
    champion: pa.Table, challenger: pa.Table, known: Iterable[str], bootstrap: Bootstrap
) -> Change:
    """
    Args:
        champion, challenger: scores by document (`xuxie.compare.subject.COLUMNS`).
        known: ids of the documents that were there when the champion was trained.
    """
    before = pa.array(sorted(known), pa.string())
    tables = [champion, challenger]
    masks = [pa.compute.is_in(table["id"], value_set=before) for table in tables]
    old = [table.filter(mask) for table, mask in zip(tables, masks, strict=True)]
    new = [table.filter(pa.compute.invert(m)) for table, m in zip(tables, masks, strict=True)]
    fresh = [found for found in paired(new, bootstrap) if found.part == ALL]
    # Frozen and fresh test documents of before are all old.
    parts = [found for found in paired(old, bootstrap) if found.part not in (FROZEN, FRESH)]
    return Change(parts, fresh[0] if fresh else None)


def paired(tables: list[pa.Table], bootstrap: Bootstrap) -> list[Difference]:
    """None where the two have no document in common."""
    try:
        common, _ = in_common(tables)
    except Refusal:
        return []
    return differences(common, bootstrap, None)


def forgets(change: Change, limit: float) -> list[Difference]:
    """Where more than `limit` is lost, and some loss is beyond doubt."""
    return [part for part in change.old if part.delta > limit and part.low > 0]


def worst(change: Change) -> Difference | None:
    return max(change.old, key=lambda part: part.delta, default=None)


def enough(change: Change) -> Reason:
    part = worst(change)
    lost = f"{max(part.delta, 0):.3f}" if part else "0.000"
    chinese, english = place(part)
    return Reason(
        "continue_enough",
        f"续训已足够：{chinese}上遗忘 {lost} 比特/字{gained(change)[0]}",
        f"continue was enough; forgetting {lost} bits per character on {english}"
        f"{gained(change)[1]}",
    )


def too_much(part: Difference, limit: float) -> Reason:
    chinese, english = place(part)
    return Reason(
        "forgets",
        f"续训在{chinese}上遗忘 {part.delta:.3f} 比特/字（{part.low:+.3f} 到 {part.high:+.3f}，限"
        f" {limit:g}）：改为从头训练",
        f"continuing forgot {part.delta:.3f} bits per character on {english} ({part.low:+.3f} to"
        f" {part.high:+.3f}, limit {limit:g}): trained from scratch instead",
    )


def place(part: Difference | None) -> tuple[str, str]:
    if part is None or part.part == ALL:
        return "旧的测试文本", "old test text"
    return f"来源 {part.part} ", part.part


def gained(change: Change) -> tuple[str, str]:
    if change.new is None:
        return "", ""
    delta = f"{change.new.delta:+.3f}"
    return f"，新测试文本上 {delta}", f", {delta} on new test text"
