"""Whether a retraining is due: a policy of numbers, without files or clocks. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from xuxie.retrain.outcome import Reason
from xuxie.retrain.settings import Due


class Answer(StrEnum):
    """
    DUE: train.
    WAIT: something is new, but now is not the time.
    LOOK: files have changed; what text they bring is yet to be read.
    NOTHING: there is nothing to train on.
    """

    DUE = "due"
    WAIT = "wait"
    LOOK = "look"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Drift:
    """Bits per character of the champion on new text and on its own test text.

    low, high: interval of the difference, for other documents of the same kinds.
    """

    new: float
    old: float
    low: float
    high: float


@dataclass(frozen=True)
class NewText:
    """What has come since the champion, as clean keeps it.

    documents, characters: of it.
    distance: Jensen-Shannon distance (0 to 1) of its characters from those of the older text.
    chance: the distance that as much of the older text has, drawn at random.
    drift: None where the champion was not asked.
    """

    documents: int
    characters: int
    distance: float
    chance: float
    drift: Drift | None

    @property
    def excess(self) -> float:
        """The distance beyond chance."""
        return self.distance - self.chance


@dataclass(frozen=True)
class Facts:
    """
    champion: whether there is one.
    forced: somebody wants a training, whatever the facts.
    changed, removed: files of raw data, new ones among the changed, since the champion's training.
    quiet_minutes: since the latest change of a file; None where there is no file.
    age_days: of the champion.
    free_disk_mib, free_memory_mib: None where the machine does not tell.
    text: None as long as it was not read.
    """

    champion: bool
    forced: bool
    changed: int
    removed: int
    quiet_minutes: float | None
    age_days: float
    free_disk_mib: int | None
    free_memory_mib: int | None
    text: NewText | None


@dataclass(frozen=True)
class Decision:
    answer: Answer
    reasons: list[Reason]


def due(facts: Facts, settings: Due) -> Decision:
    """What to do, and why: every reason that holds, not the first."""
    if facts.forced:
        return Decision(Answer.DUE, [forced()])
    if facts.champion and not facts.changed:
        return Decision(Answer.NOTHING, [unchanged(facts)])
    if waiting := obstacles(facts, settings):
        return Decision(Answer.WAIT, waiting)
    if not facts.champion:
        return Decision(Answer.DUE, [no_champion()])
    if facts.text is None:
        return Decision(Answer.LOOK, [files_changed(facts)])
    if not facts.text.documents:
        return Decision(Answer.NOTHING, [no_new_text(facts)])
    if found := causes(facts, facts.text, settings):
        return Decision(Answer.DUE, found)
    return Decision(Answer.NOTHING, [too_little(facts.text, settings)])


def obstacles(facts: Facts, settings: Due) -> list[Reason]:
    found = []
    if facts.quiet_minutes is not None and facts.quiet_minutes < settings.quiet_minutes:
        found.append(not_quiet(facts.quiet_minutes, settings.quiet_minutes))
    for code, chinese, english, free, least in (
        ("disk", "磁盘", "disk", facts.free_disk_mib, settings.free_disk_mib),
        ("memory", "内存", "memory", facts.free_memory_mib, settings.free_memory_mib),
    ):
        if free is not None and free < least:
            found.append(
                Reason(
                    f"little_{code}",
                    f"{chinese}只剩 {free:,} MiB，至少要 {least:,} MiB：等待",
                    f"{free:,} MiB of {english} are free, {least:,} are wanted: waiting",
                )
            )
    return found


def causes(facts: Facts, text: NewText, settings: Due) -> list[Reason]:
    found = []
    if settings.min_characters is not None and text.characters >= settings.min_characters:
        found.append(enough(text, settings.min_characters))
    if settings.max_age_days is not None and facts.age_days >= settings.max_age_days:
        found.append(old(facts.age_days, settings.max_age_days))
    if settings.distance is not None and text.excess >= settings.distance:
        found.append(distant(text, settings.distance))
    # The lower bound: a few odd documents are no drift.
    if settings.drift is not None and text.drift and text.drift.low >= settings.drift:
        found.append(drifted(text.drift, settings.drift))
    return found


def forced() -> Reason:
    return Reason("forced", "有人要求重训（--force）", "somebody asked for it (--force)")


def no_champion() -> Reason:
    return Reason("no_champion", "还没有冠军模型", "there is no champion yet")


def unchanged(facts: Facts) -> Reason:
    gone = facts.removed
    return Reason(
        "unchanged",
        "自冠军训练以来原始数据没有新增或改动" + (f"（删去 {gone} 个文件）" if gone else ""),
        "no raw data is new or changed since the champion was trained"
        + (f" ({gone} files are gone)" if gone else ""),
    )


def files_changed(facts: Facts) -> Reason:
    return Reason(
        "files_changed",
        f"{facts.changed} 个文件新增或改动",
        f"{facts.changed} files are new or changed",
    )


def no_new_text(facts: Facts) -> Reason:
    return Reason(
        "no_new_text",
        f"{facts.changed} 个文件新增或改动，但清洗后没有留下新文档",
        f"{facts.changed} files are new or changed, but no new document is left after cleaning",
    )


def too_little(text: NewText, settings: Due) -> Reason:
    least = settings.min_characters
    return Reason(
        "too_little",
        f"新文本 {text.documents:,} 篇共 {text.characters:,} 字"
        + (f"，不到 {least:,} 字" if least is not None else "")
        + "，且没有别的理由重训",
        f"{text.documents:,} new documents of {text.characters:,} characters"
        + (f", fewer than {least:,}" if least is not None else "")
        + ", and no other reason to train",
    )


def not_quiet(minutes: float, least: float) -> Reason:
    return Reason(
        "not_quiet",
        f"最近一次文件改动在 {minutes:.1f} 分钟前（需静置 {least:g} 分钟），可能还在复制：等待",
        f"a file changed {minutes:.1f} minutes ago ({least:g} must pass): somebody may still be"
        " copying; waiting",
    )


def enough(text: NewText, least: int) -> Reason:
    return Reason(
        "new_text",
        f"新文本 {text.documents:,} 篇共 {text.characters:,} 字（至少 {least:,} 字）",
        f"{text.documents:,} new documents of {text.characters:,} characters (at least {least:,})",
    )


def old(days: float, most: float) -> Reason:
    return Reason(
        "old_champion",
        f"冠军已有 {days:.1f} 天（至多 {most:g} 天），且有新文本",
        f"the champion is {days:.1f} days old (at most {most:g}), and there is new text",
    )


def distant(text: NewText, least: float) -> Reason:
    return Reason(
        "distant",
        f"新文本的字分布与旧文本相距 {text.distance:.3f}，同样多的旧文本偶然也有"
        f" {text.chance:.3f}；超出部分达到 {least:g}",
        f"the characters of the new text are {text.distance:.3f} away from those of the old, where"
        f" as much old text is {text.chance:.3f} by chance; the excess reaches {least:g}",
    )


def drifted(drift: Drift, least: float) -> Reason:
    return Reason(
        "drift",
        f"冠军在新文本上 {drift.new:.3f} 比特/字，在自己的测试文本上 {drift.old:.3f}：差"
        f" {drift.low:+.3f} 到 {drift.high:+.3f}，达到 {least:g}",
        f"the champion needs {drift.new:.3f} bits per character on the new text and"
        f" {drift.old:.3f} on its own test text: {drift.low:+.3f} to {drift.high:+.3f} more, which"
        f" reaches {least:g}",
    )
