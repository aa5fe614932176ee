"""Continue the configured prompts with the trained model; write the samples and a page of them."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from xuxie.generate.diversity import distinct, repetition
from xuxie.generate.explain import Explainer
from xuxie.generate.page import Shown, page
from xuxie.generate.provenance.spans import Span, covered, longest, verbatim
from xuxie.generate.quality import quality
from xuxie.generate.sample import Sample, Sampler
from xuxie.generate.settings import GenerateSettings
from xuxie.model.directory import load_model, load_tokenizer
from xuxie.store.directories import whole_directory
from xuxie.store.files import write_json, write_text
from xuxie.store.manifest import fingerprint_of
from xuxie.store.records import read_documents
from xuxie.track.run import joined_run
from xuxie.track.settings import TrackSettings


def run(
    settings: GenerateSettings,
    tracking: TrackSettings,
    *,
    model: Path,
    splits: Path,
    out: Path,
    metrics: Path,
) -> None:
    torch.set_num_threads(settings.threads)
    fingerprint = fingerprint_of(model)
    with joined_run(tracking, "generate", fingerprint) as tracked:
        samples = sampled(settings, model)
        spans = traced(settings, samples, splits / "train.parquet")
        shown = explained(settings, samples, spans, model)
        figures = summary(samples) | copied(samples, spans)
        figures |= quality([sample.text for sample in samples], splits)
        with whole_directory(out) as folder:
            write_text(folder / "samples.jsonl", "".join(map(line, samples, spans)))
            least = settings.provenance.characters
            write_text(folder / "samples.html", page(shown, fingerprint, characters=least))
        write_json(metrics, figures)
        tracked.metrics({f"samples/{name}": value for name, value in figures.items()})
        tracked.table("samples/samples.json", [row(sample) for sample in samples])
        tracked.artifact(out / "samples.html", "samples")


def sampled(settings: GenerateSettings, model: Path) -> list[Sample]:
    sampler = Sampler(load_model(model), load_tokenizer(model), settings, compiled=False)
    wanted = [(prompt, n) for prompt in settings.prompts for n in range(settings.samples)]
    made = sampler.samples(wanted)
    return list(tqdm(made, total=len(wanted), desc="续写 generate", unit=" sample", disable=None))


def traced(settings: GenerateSettings, samples: list[Sample], train: Path) -> list[list[Span]]:
    """The verbatim stretches of each sample."""
    texts, chosen = [sample.text for sample in samples], settings.provenance
    documents = tqdm(read_documents(train), desc="出处 provenance", unit=" document", disable=None)
    return verbatim(texts, documents, characters=chosen.characters, places=chosen.places)


def explained(
    settings: GenerateSettings, samples: list[Sample], spans: list[list[Span]], model: Path
) -> list[Shown]:
    """What the page shows. The model is read anew: decoding has laid out the other for speed."""
    explainer = Explainer(load_model(model, checked=False), load_tokenizer(model), settings)
    chosen = set(settings.prompts[: settings.explain.prompts])
    return [
        Shown(
            sample,
            own,
            explainer.explain(sample)
            if sample.prompt in chosen and sample.number < settings.explain.samples
            else None,
        )
        for sample, own in zip(samples, spans, strict=True)
    ]


def copied(samples: list[Sample], spans: list[list[Span]]) -> dict[str, Any]:
    """Share of all characters inside verbatim stretches, and characters of the longest."""
    characters = sum(len(sample.text) for sample in samples)
    return {
        "verbatim": sum(map(covered, spans)) / max(characters, 1),
        "longest_verbatim": max(map(longest, spans), default=0),
    }


def row(sample: Sample) -> dict[str, Any]:
    """For a table that shows the first column beside the second, run by run."""
    told = asdict(sample)
    return {"prompt": f"{sample.prompt} · {sample.number}", "text": told.pop("text")} | {
        key: value for key, value in told.items() if key not in ("prompt", "number")
    }


def line(sample: Sample, spans: list[Span]) -> str:
    record = asdict(sample) | {"verbatim": [asdict(span) for span in spans]}
    return json.dumps(record, ensure_ascii=False, sort_keys=True) + "\n"


def summary(samples: list[Sample]) -> dict[str, Any]:
    texts = [sample.text for sample in samples]
    count = len(samples)
    return {
        "samples": count,
        "finished": sum(sample.finished for sample in samples) / count,
        "repetition": sum(map(repetition, texts)) / count,
        "bits_per_character": sum(sample.bits_per_character for sample in samples) / count,
    } | {f"distinct_{n}": distinct(texts, n) for n in (1, 2, 3)}
