"""What int8 weights cost in bits per character, on the test split, beside fp32.

python benchmarks/int8_loss.py --documents 0

Both are scored by `evaluate`'s own windows, the second with the numbers that int8 stands for.
Prints a Markdown table.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from xuxie.config import load
from xuxie.evaluate.score import scored
from xuxie.evaluate.tables import figures
from xuxie.evaluate.texts import Texts, read_texts
from xuxie.generate.int8 import round_weights
from xuxie.model.directory import load_model, load_tokenizer


def part_of(texts: Texts, documents: int) -> Texts:
    """Evenly spread over all, `documents` at most; all for 0."""
    total = len(texts.texts)
    step = 1 if documents == 0 else -(-total // documents)
    places = np.arange(0, total, step)
    return Texts(
        texts=[texts.texts[place] for place in places],
        sources=[texts.sources[place] for place in places],
        groups=texts.groups[places],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("models/gpt"))
    parser.add_argument("--splits", type=Path, default=Path("data/splits"))
    parser.add_argument("--documents", type=int, default=400, help="0 for all")
    options = parser.parse_args()
    torch.set_num_threads(1)
    settings = load(Path("params.yaml")).evaluate
    texts = part_of(read_texts(options.splits / "test.parquet"), options.documents)
    model, words = load_model(options.model), load_tokenizer(options.model)
    exact = figures(scored(settings, model, words, texts), texts, settings.bootstrap)
    round_weights(model)
    small = figures(scored(settings, model, words, texts), texts, settings.bootstrap)
    print("| source | characters | fp32 | int8 | loss |\n| --- | ---: | ---: | ---: | ---: |")
    for source, before in exact.items():
        bits, after = before["bits_per_character"], small[source]["bits_per_character"]
        row = f"{bits:.4f} | {after:.4f} | {after - bits:+.4f} ({after / bits - 1:+.2%})"
        print(f"| {source} | {before['characters']:,} | {row} |")


if __name__ == "__main__":
    main()
