"""What a person types -> the model that is meant."""

import re
from dataclasses import replace

from xuxie.compare.project import commit_of, revision, workspace
from xuxie.compare.runs import logged
from xuxie.compare.subject import Subject
from xuxie.errors import Refusal, bad_parameters
from xuxie.track.lookup import Found, Lookup
from xuxie.track.settings import TrackSettings

VERSION = re.compile(r"(?:([^/]+)/)?v?(\d{1,6})")
# Before a word that could mean several things: what it means.
KINDS = ("run", "git", "version")


class Gatherer:
    """Finds models by word. MLflow is asked only where a word, or the report, needs it."""

    def __init__(self, tracking: TrackSettings) -> None:
        self.tracking = tracking
        self.opened: Lookup | None = None

    @property
    def store(self) -> Lookup:
        if self.opened is None:
            self.opened = Lookup(self.tracking)
        return self.opened

    def find(self, word: str) -> Subject:
        """The model that `word` names: `.`, a run's id or name, a git revision, a version.

        Raises:
            Refusal: nothing has that name, or it has no scores.
        """
        if word == ".":
            return workspace()
        kind, _, rest = word.partition(":")
        kinds = (kind,) if kind in KINDS and rest else ("version", "git", "run")
        word = rest if kind in KINDS and rest else word
        for kind in kinds:
            if (subject := getattr(self, f"of_{kind}")(word)) is not None:
                found: Subject = subject
                return found
        raise unknown(word)

    def of_version(self, word: str) -> Subject | None:
        named = VERSION.fullmatch(word)
        run = self.store.version(named[1] or "", named[2]) if named else None
        return self.of(run, word) if run else None

    def of_git(self, word: str) -> Subject | None:
        commit = commit_of(word)
        return revision(word, commit) if commit else None

    def of_run(self, word: str) -> Subject | None:
        run = self.store.run(word)
        return logged(self.store, run) if run else None

    def of(self, run: Found, version: str) -> Subject:
        subject = logged(self.store, run)
        return replace(subject, name=f"{self.label(version)} ({run.run_id[:8]})")

    def label(self, version: str) -> str:
        return version if "/" in version else f"{self.tracking.model}/{version.lstrip('v')}"

    def with_run(self, subject: Subject) -> Subject:
        """The subject with its MLflow run, where one trained exactly that model."""
        if subject.run_id or not subject.fingerprint:
            return subject
        run = self.store.trained(subject.fingerprint)
        return replace(subject, run_id=run.run_id) if run else subject


def unknown(word: str) -> Refusal:
    return bad_parameters(
        f"找不到 {word}：它不是 MLflow 运行的编号或名称、git 版本、DVC 实验，也不是登记的版本；"
        "工作区写作 .",
        f"cannot find {word}: no id or name of an MLflow run, no git revision, no DVC experiment,"
        " no registered version; the workspace is .",
    )
