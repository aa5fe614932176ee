"""The peers' side of identifiers.py: runs under the interpreter of their own environment.

JSON lines in (key, text, start, end), JSON lines out (library, key, found). Presidio runs its
pattern recognisers over a blank Chinese spaCy engine: no model, and no network for its suffix list.
"""

import contextlib
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

Spans = Callable[[str], Iterator[tuple[int, int]]]
EXTRACTORS = (
    "extract_id_card", "extract_phone_number", "extract_email", "extract_ip_address",
    "extract_motor_vehicle_licence_plate", "extract_qq", "extract_wechat_id",
)  # fmt: skip


def jionlp() -> Spans:
    library = importlib.import_module("jionlp")
    extractors = [getattr(library, name) for name in EXTRACTORS]

    def spans(text: str) -> Iterator[tuple[int, int]]:
        for extract in extractors:
            for row in extract(text, detail=True):
                yield row["offset"]

    return spans


def presidio() -> Spans:
    import spacy  # of the peers' environment, not of ours

    analyzer = importlib.import_module("presidio_analyzer")
    nlp = importlib.import_module("presidio_analyzer.nlp_engine")

    class Blank(nlp.SpacyNlpEngine):
        def __init__(self) -> None:
            super().__init__()
            self.nlp = {"zh": spacy.blank("zh")}

    suffixes = importlib.import_module("tldextract.tldextract")
    suffixes.TLD_EXTRACTOR = suffixes.TLDExtract(suffix_list_urls=())  # its own copy: no network
    registry = analyzer.RecognizerRegistry(supported_languages=["zh"])
    for name in dir(importlib.import_module("presidio_analyzer.predefined_recognizers")):
        add_pattern_recognizer(registry, analyzer, name)
    phone = importlib.import_module("presidio_analyzer.predefined_recognizers").PhoneRecognizer
    registry.add_recognizer(phone(supported_language="zh", supported_regions=("CN",)))
    engine = analyzer.AnalyzerEngine(
        nlp_engine=Blank(), registry=registry, supported_languages=["zh"]
    )

    def spans(text: str) -> Iterator[tuple[int, int]]:
        for row in engine.analyze(text, language="zh"):
            yield row.start, row.end

    return spans


def add_pattern_recognizer(registry: Any, analyzer: Any, name: str) -> None:
    """Register a predefined recogniser if it is made of patterns, for Chinese texts."""
    kind = getattr(importlib.import_module("presidio_analyzer.predefined_recognizers"), name)
    if isinstance(kind, type) and issubclass(kind, analyzer.PatternRecognizer):
        with contextlib.suppress(Exception):
            registry.add_recognizer(kind(supported_language="zh"))


def covers(spans: Spans, row: dict[str, Any]) -> bool:
    """Whether one entity covers the whole value. An extractor that fails has found nothing."""
    try:
        return any(
            first <= row["start"] and row["end"] <= last for first, last in spans(row["text"])
        )
    except Exception:
        return False


def main() -> None:
    output, rows = sys.stdout, [json.loads(line) for line in sys.stdin]
    with contextlib.redirect_stdout(sys.stderr):  # JioNLP greets on standard output
        libraries = {"JioNLP 1.5.31": jionlp(), "Presidio 2.2.366": presidio()}
        for name, spans in libraries.items():
            for row in rows:
                found = int(covers(spans, row))
                print(json.dumps({"library": name, "key": row["key"], "found": found}), file=output)


if __name__ == "__main__":
    main()
