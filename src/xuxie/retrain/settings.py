"""What `retrain` may be told. No stage reads it."""

from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfoNotFoundError

from pydantic import Field, model_validator

from xuxie.section import Section

Share = Annotated[float, Field(ge=0, le=1)]
Bits = Annotated[float, Field(ge=0, le=20)]


class Due(Section):
    """When a retraining is due. `null` switches a reason off.

    min_characters: of new text, as clean keeps it.
    max_age_days: of the champion, if there is any new text.
    drift: bits per character by which the champion is worse on new text than on its own test text,
        at the lower end of the interval.
    distance: Jensen-Shannon distance of the distributions of characters, new text against old,
        beyond what as much of the old text has by chance.
    sample_characters: of new and of old text, that drift is measured on.
    quiet_minutes: no file has changed for so long: somebody may still be copying.
    free_disk_mib, free_memory_mib: less is a reason to wait.
    """

    min_characters: Annotated[int, Field(ge=0)] | None
    max_age_days: Annotated[float, Field(gt=0)] | None
    drift: Bits | None
    distance: Share | None
    sample_characters: Annotated[int, Field(ge=1000)]
    quiet_minutes: Annotated[float, Field(ge=0)]
    free_disk_mib: Annotated[int, Field(ge=0)]
    free_memory_mib: Annotated[int, Field(ge=0)]


class Training(Section):
    """How the challenger is trained.

    strategy: scratch: as `dvc repro` does. continue: on from the champion. auto: continue, and from
        scratch where that forgets too much.
    replay: share of old text among what a continued training reads.
    rate: share of the configured learning rates that a continued training warms up to again.
    epochs: of the new text, in a continued training.
    forgetting: bits per character on old held-out text that a continued training may lose.
    """

    strategy: Literal["scratch", "continue", "auto"]
    replay: Share
    rate: Annotated[float, Field(gt=0, le=1)]
    epochs: Annotated[float, Field(gt=0)]
    forgetting: Bits


class Gate(Section):
    """What a challenger must be to become champion. `xuxie noise` measures the noise of seeds.

    seed_noise: standard deviation of bits per character between seeds where it was not measured.
    forgetting: bits per character by which it may be worse, beyond doubt, on the old test text.
    source: the same on any one source, and on the new test text.
    pairs: by how much the accuracy on minimal pairs may fall.
    repetition, distinct: by how much the samples' repetition may grow, their distinct-2 fall.
    most_repetition, least_distinct: what no model may pass, the first one neither.
    size, slower: how many times the champion's parameters, and its time for a generated token.
    removed: share of the new documents that clean may have removed; more holds.
    unlike: Jensen-Shannon distance of the new text's characters from the old text's, beyond
        chance; more holds. Hotel reviews are 0.61 from statutes, random characters 0.93.
    """

    seed_noise: Bits
    forgetting: Bits
    source: Bits
    pairs: Share
    repetition: Share
    distinct: Share
    most_repetition: Share
    least_distinct: Share
    size: Annotated[float, Field(gt=0)]
    slower: Annotated[float, Field(gt=0)]
    removed: Share
    unlike: Share


class Schedule(Section):
    """When `xuxie schedule` starts a retraining.

    cron: minute, hour, day, month, weekday, as crontab(5) has them.
    timezone: of the expression, by its IANA name.
    overlap: what becomes of a slot that comes while another is at work: it is skipped, it waits
        (the newest of several), or it takes the other's place.
    retries: more attempts at a slot that ended for a reason that may pass (69, 74, 75).
    """

    cron: str
    timezone: str
    overlap: Literal["skip", "queue", "replace"]
    retries: Annotated[int, Field(ge=0, le=100)]
    retry_minutes: Annotated[float, Field(ge=0)]

    @model_validator(mode="after")
    def times_exist(self) -> Self:
        from xuxie.retrain.schedule.cron import trigger

        try:
            trigger(self.cron, self.timezone)
        except (ValueError, ZoneInfoNotFoundError) as error:
            raise ValueError(f"cron, timezone: {error}") from None
        return self


class Notices(Section):
    """Of what people are told. Addresses, which hold secrets, stand in XUXIE_NOTIFY_URLS only."""

    outcomes: list[Literal["promote", "hold", "reject", "failure", "nothing"]]


class RetrainSettings(Section):
    """One section a question: is it due, how to train, is it better, when, who is told."""

    due: Due
    training: Training
    gate: Gate
    schedule: Schedule
    notices: Notices
