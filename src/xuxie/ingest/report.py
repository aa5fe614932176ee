"""What ingest tells: its metrics, and one line that names the first problems."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xuxie.errors import Refusal, bad_data
from xuxie.ingest.formats import ARCHIVES, FORMATS
from xuxie.ingest.rows import REASONS, Reject

SHOWN = 5
LISTED = 100


@dataclass
class Tally:
    """Everything that came in, by what became of it."""

    documents: "Counter[str]" = field(default_factory=Counter)
    characters: "Counter[str]" = field(default_factory=Counter)
    arrivals: "Counter[int]" = field(default_factory=Counter)
    reasons: "Counter[str]" = field(default_factory=Counter)
    files: "Counter[str]" = field(default_factory=Counter)
    first: list[tuple[str, Reject]] = field(default_factory=list)
    notes: "Counter[str]" = field(default_factory=Counter)
    ignored: list[str] = field(default_factory=list)
    excluded: int = 0

    def reject(self, name: str, reject: Reject) -> None:
        self.reasons[reject.reason] += 1
        self.files[name] += 1
        if len(self.first) < SHOWN:
            self.first.append((name, reject))

    def noted(self, kind: str) -> dict[str, int]:
        """The notes `kind/NAME` by NAME."""
        start = f"{kind}/"
        return {
            name.removeprefix(start): count
            for name, count in self.notes.items()
            if name.startswith(start)
        }

    def report(self) -> dict[str, Any]:
        sources = {
            source: {"documents": count, "characters": self.characters[source]}
            for source, count in self.documents.items()
        }
        return {
            "documents": self.documents.total(),
            "characters": self.characters.total(),
            "sources": sources,
            "arrivals": {str(arrival): n for arrival, n in sorted(self.arrivals.items())},
            "rejected": dict(self.reasons),
            "rejects_by_file": dict(sorted(self.files.items())[:LISTED]),
            "blank": self.notes["blank"],
            "pages_without_text": self.notes["pages_without_text"],
            "replacement_characters": self.notes["replacement_characters"],
            "encodings": self.noted("encoding"),
            "byte_order_marks": self.noted("mark"),
            "ignored": len(self.ignored),
            "ignored_files": sorted(self.ignored)[:LISTED],
            "excluded": self.excluded,
        }


def entry(name: str, reject: Reject) -> dict[str, Any]:
    said = {
        "file": name,
        "place": reject.place,
        "reason": reject.reason,
        "detail": reject.detail,
    }
    return said if reject.byte is None else said | {"byte": reject.byte}


def refusal(raw: Path, tally: Tally) -> Refusal:
    """All problems at once: the first few by name, the rest by number."""
    parts: tuple[list[str], list[str]] = ([], [])
    for name, reject in tally.first:
        place = f"{raw / name}:{reject.place}" if reject.place else f"{raw / name}"
        for language, words in zip(parts, REASONS[reject.reason], strict=True):
            language.append(f"{place} {words} ({reject.detail})")
    rest = tally.reasons.total() - SHOWN
    return bad_data(
        "；".join(parts[0])
        + (f"；另有 {rest} 处" if rest > 0 else "")
        + "。改正后重试，或设 ingest.on_error=quarantine 隔离它们",
        "; ".join(parts[1])
        + (f"; and {rest} more" if rest > 0 else "")
        + ". Mend them, or set ingest.on_error=quarantine to put them aside",
    )


def nothing(raw: Path, ignored: int) -> Refusal:
    formats = " ".join(sorted(FORMATS | ARCHIVES))
    return bad_data(
        f"{raw} 里没有可用的文档（忽略了 {ignored} 个文件）；"
        f"请放入 {formats} 文件，可加 .gz 或 .zst",
        f"0 usable documents in {raw} ({ignored} files ignored);"
        f" put {formats} files there, plain, .gz or .zst",
    )
