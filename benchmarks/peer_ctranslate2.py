"""CTranslate2's greedy decoding of a transformers directory, on request; own venv.

Converts the model, then answers each line of standard input, a JSON
{"prompts": [[token]], "new_tokens": n}, with {"seconds": s, "tokens": [[token]]}.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ctranslate2

CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}


def converted(model: Path, folder: Path) -> Path:
    ctranslate2.converters.TransformersConverter(str(model)).convert(str(folder), force=True)
    return folder


def answer(generator: Any, request: dict[str, Any], clock: Callable[[], float]) -> dict[str, Any]:
    prompts, count = request["prompts"], request["new_tokens"]
    words = [[f"t{token}" for token in prompt] for prompt in prompts]
    began = clock()
    made = generator.generate_batch(
        words,
        max_length=count,
        min_length=count,
        sampling_topk=1,
        include_prompt_in_result=False,
    )
    seconds = clock() - began
    tokens = [[int(word[1:]) for word in row.sequences[0]] for row in made]
    return {"seconds": seconds, "tokens": tokens}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--compute", default="float32", help="CTranslate2's compute_type")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    options = parser.parse_args()
    generator = ctranslate2.Generator(
        str(converted(options.model, options.work / f"ctranslate2-{options.compute}")),
        compute_type=options.compute,
        intra_threads=options.threads,
        inter_threads=1,
    )
    for line in sys.stdin:
        print(json.dumps(answer(generator, json.loads(line), CLOCKS[options.clock])), flush=True)


if __name__ == "__main__":
    main()
