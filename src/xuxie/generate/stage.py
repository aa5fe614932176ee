"""Continue the configured prompts with the trained model; write the samples and a page of them."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jinja2
import torch
from tqdm import tqdm

from xuxie.generate.diversity import distinct, repetition
from xuxie.generate.quality import quality
from xuxie.generate.sample import Sample, Sampler
from xuxie.generate.settings import GenerateSettings
from xuxie.model.directory import load_model, load_tokenizer
from xuxie.store.directories import whole_directory
from xuxie.store.files import write_json, write_text
from xuxie.store.manifest import fingerprint_of
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
        sampler = Sampler(load_model(model), load_tokenizer(model), settings, compiled=False)
        wanted = [(prompt, n) for prompt in settings.prompts for n in range(settings.samples)]
        made = sampler.samples(wanted)
        bar = tqdm(made, total=len(wanted), desc="续写 generate", unit=" sample", disable=None)
        samples = list(bar)
        figures = summary(samples) | quality([sample.text for sample in samples], splits)
        with whole_directory(out) as folder:
            write_text(folder / "samples.jsonl", "".join(map(line, samples)))
            write_text(folder / "samples.html", page(samples, fingerprint))
        write_json(metrics, figures)
        tracked.metrics({f"samples/{name}": value for name, value in figures.items()})
        tracked.table("samples/samples.json", [asdict(sample) for sample in samples])
        tracked.artifact(out / "samples.html", "samples")


def line(sample: Sample) -> str:
    return json.dumps(asdict(sample), ensure_ascii=False, sort_keys=True) + "\n"


def summary(samples: list[Sample]) -> dict[str, Any]:
    texts = [sample.text for sample in samples]
    count = len(samples)
    return {
        "samples": count,
        "finished": sum(sample.finished for sample in samples) / count,
        "repetition": sum(map(repetition, texts)) / count,
        "bits_per_character": sum(sample.bits_per_character for sample in samples) / count,
    } | {f"distinct_{n}": distinct(texts, n) for n in (1, 2, 3)}


def page(samples: list[Sample], fingerprint: str) -> str:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("xuxie.generate", "."), autoescape=True, trim_blocks=True
    )
    return environment.get_template("page.html").render(samples=samples, fingerprint=fingerprint)
