"""Sends notices, and keeps those that did not get through for the next time."""

import hashlib
import logging
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xuxie.retrain.notices.notice import Notice
from xuxie.retrain.outcome import Outcome
from xuxie.retrain.settings import Notices
from xuxie.store.journal import append, entries

# Several addresses, with blanks between them. They hold secrets: none is written anywhere.
VARIABLE = "XUXIE_NOTIFY_URLS"
KEPT = Path("runs/retrain/notices.jsonl")
TOLD = ("name", "title", "text", "outcome")
# Of a card in Feishu, a bar in Slack: Apprise's names of them.
COLOURS = {
    Outcome.PROMOTE.value: "success",
    Outcome.HOLD.value: "warning",
    Outcome.REJECT.value: "warning",
    Outcome.FAILED.value: "failure",
}
# An address that was taken away, or a channel that is gone, must not be tried for ever.
MOST_WAITING = 20


@dataclass(frozen=True)
class Channel:
    """
    kind: of the address, such as `dingtalk`: all of it that may be told; what is no address may be
        a secret as a whole.
    key: names it in the file of notices kept.
    """

    url: str

    @property
    def kind(self) -> str:
        found = re.match("([a-z0-9]+)://", self.url)
        return found[1] if found else "unknown"

    @property
    def key(self) -> str:
        return f"{self.kind}-{hashlib.sha256(self.url.encode()).hexdigest()[:8]}"


def channels() -> list[Channel]:
    return [Channel(url) for url in os.environ.get(VARIABLE, "").split()]


def tell(settings: Notices, notice: Notice, project: Path = Path()) -> list[str]:
    """Send what waits, then this notice, to each channel; the kinds of channels that failed.

    Nothing is raised: a retraining does not fail because nobody could be told.
    """
    failed = []
    for channel in channels():
        waiting = list(kept(project, channel))
        if notice.outcome in settings.outcomes:
            waiting.append(message(notice))
        if not all_delivered(project, channel, waiting[-MOST_WAITING:]):
            failed.append(channel.kind)
            print(
                f"通知没有送达 {channel.kind}，下次再送 | a notice did not reach {channel.kind},"
                " it will be sent the next time",
                file=sys.stderr,
            )
    return failed


def all_delivered(project: Path, channel: Channel, waiting: list[dict[str, Any]]) -> bool:
    """In their order: what comes after one that failed is kept, without another wait for it."""
    reachable = True
    for told in waiting:
        reachable = deliver(project, channel, told, trying=reachable)
    return reachable


def message(notice: Notice) -> dict[str, Any]:
    title, text = notice.title(), notice.text()
    name = f"{notice.job}-{notice.outcome}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    return {"name": name, "title": title, "text": text, "outcome": notice.outcome.value}


def kept(project: Path, channel: Channel) -> Iterator[dict[str, Any]]:
    """Notices that have not reached the channel, oldest first."""
    waiting: dict[str, dict[str, Any]] = {}
    for entry, _ in entries(project / KEPT):
        if entry["channel"] != channel.key:
            continue
        if entry["sent"]:
            waiting.pop(entry["name"], None)
        else:
            waiting[entry["name"]] = {key: entry[key] for key in TOLD}
    yield from waiting.values()


def deliver(project: Path, channel: Channel, told: dict[str, Any], *, trying: bool) -> bool:
    """Send; write down what failed, and that what had failed before has arrived."""
    sent = trying and reached(channel, told)
    before = any(one["name"] == told["name"] for one in kept(project, channel))
    if sent == before:
        append(project / KEPT, told | {"channel": channel.key, "sent": sent})
    return sent


def reached(channel: Channel, told: dict[str, Any]) -> bool:
    """Whether the channel took it. Apprise gives up after some seconds and logs addresses: not
    here."""
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    service = apprise.Apprise.instantiate(channel.url, suppress_exceptions=True)
    if service is None:
        return False
    try:
        return bool(
            service.notify(
                body=told["text"],
                title=told["title"],
                body_format=apprise.NotifyFormat.MARKDOWN,
                notify_type=COLOURS.get(told["outcome"], "info"),
            )
        )
    except Exception:  # a plugin's own error may hold the address
        return False
