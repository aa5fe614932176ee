"""Sends notices, and keeps those that did not get through for the next time."""

import hashlib
import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xuxie.retrain.notices.notice import Notice
from xuxie.retrain.settings import Notices
from xuxie.store.journal import append, entries

# Several addresses, with blanks between them. They hold secrets: none is written anywhere.
VARIABLE = "XUXIE_NOTIFY_URLS"
KEPT = Path("runs/retrain/notices.jsonl")
# An address that was taken away, or a channel that is gone, must not be tried for ever.
MOST_WAITING = 20


@dataclass(frozen=True)
class Channel:
    """
    kind: of the address, such as `dingtalk`: all of it that may be told.
    key: names it in the file of notices kept.
    """

    url: str

    @property
    def kind(self) -> str:
        return self.url.partition("://")[0]

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
        if not all([deliver(project, channel, told) for told in waiting[-MOST_WAITING:]]):
            failed.append(channel.kind)
            print(
                f"通知没有送达 {channel.kind}，下次再送 | a notice did not reach {channel.kind},"
                " it will be sent the next time",
                file=sys.stderr,
            )
    return failed


def message(notice: Notice) -> dict[str, Any]:
    title, text = notice.title(), notice.text()
    name = f"{notice.job}-{notice.outcome}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    return {"name": name, "title": title, "text": text}


def kept(project: Path, channel: Channel) -> Iterator[dict[str, Any]]:
    """Notices that have not reached the channel, oldest first."""
    waiting: dict[str, dict[str, Any]] = {}
    for entry, _ in entries(project / KEPT):
        if entry["channel"] != channel.key:
            continue
        if entry["sent"]:
            waiting.pop(entry["name"], None)
        else:
            waiting[entry["name"]] = {key: entry[key] for key in ("name", "title", "text")}
    yield from waiting.values()


def deliver(project: Path, channel: Channel, told: dict[str, Any]) -> bool:
    """Send; write down what failed, and that what had failed before has arrived."""
    sent = reached(channel, told["title"], told["text"])
    before = any(one["name"] == told["name"] for one in kept(project, channel))
    if sent == before:
        append(project / KEPT, told | {"channel": channel.key, "sent": sent})
    return sent


def reached(channel: Channel, title: str, text: str) -> bool:
    """Whether the channel took it. Apprise gives up after some seconds and logs addresses: not
    here."""
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    service = apprise.Apprise.instantiate(channel.url, suppress_exceptions=True)
    if service is None:
        return False
    try:
        return bool(
            service.notify(body=text, title=title, body_format=apprise.NotifyFormat.MARKDOWN)
        )
    except Exception:  # a plugin's own error may hold the address
        return False
