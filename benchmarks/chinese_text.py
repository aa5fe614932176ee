"""A seeded generator of varied Chinese prose: JSONL shards of any size, for the benchmarks.

python benchmarks/chinese_text.py --out FOLDER --megabytes 100 --seed 7

A clause takes one word from every slot. Each document shifts the slots by offsets of its own, so
that it has its own frequent words; words come by rank, frequent first. Numbers and region names
keep unrelated documents apart: `check` measures the Jaccard similarity of random pairs.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import chinese_words as words
import numpy as np

Draw = np.random.Generator

MEDIAN, SPREAD = 400, 0.8  # of document lengths in characters; logarithms are normal
CLAUSE = 13.5  # characters of a clause, on average
BLOCK = 2000  # documents drawn at once
SHARD = 100_000_000  # bytes
NGRAM = 5
MARKS = ["，", "，", "，", "。", "。", "。\n", "！", "；", "，", "。"]
SOURCES = ("news", "forum", "encyclopedia", "reviews", "magazine")
# What becomes of a document: the rest are plain.
KINDS = ("copy", "edited", "furniture", "poor", "identifier")
SHARES = (0.02, 0.03, 0.03, 0.03, 0.03)


@dataclass(frozen=True)
class Slot:
    """The words of one place in a clause, most frequent first; `filled`: how often it is used."""

    pool: list[str]
    filled: float


def product(*lists: str) -> list[str]:
    """Every word of the first list before every word of the second."""
    made = [""]
    for text in lists:
        made = [head + tail for head in made for tail in text.split()]
    return made


def slots(domain: str) -> list[Slot]:
    actors, verbs, kinds, things = words.DOMAINS[domain]
    numbers = [text.format(n=n) for n in range(2, 400) for text in words.NUMBERS.split()]
    order = np.random.default_rng(1).permutation(len(numbers))
    return [
        Slot(words.OPENINGS.split(), 0.1),
        Slot(product(words.MONTHS, words.MOMENTS), 0.1),
        Slot(["在" + place for place in product(words.REGIONS, words.PLACES)], 0.15),
        Slot(actors.split(), 0.8),
        Slot(words.ADVERBS.split(), 0.5),
        Slot(verbs.split(), 1.0),
        Slot([numbers[i] for i in order], 0.2),
        Slot([f"{kind}的" if len(kind) > 3 else kind for kind in kinds.split()], 0.4),
        Slot(things.split(), 1.0),
        Slot(words.TAILS.split(), 0.15),
        Slot(words.ENDINGS.split(), 0.06),
        Slot(MARKS, 1.0),
    ]


def clauses(rng: Draw, domain: str, lengths: np.ndarray) -> Iterator[str]:
    """One text for each number of clauses in `lengths`."""
    columns = []
    for slot in slots(domain):
        size, count = len(slot.pool), int(lengths.sum())
        ranks = (size * rng.random(count) ** 2).astype(np.int64)
        if slot.pool is not MARKS:
            offsets = (size * rng.random(len(lengths))).astype(np.int64)
            ranks = (ranks + np.repeat(offsets, lengths)) % size
        ranks[rng.random(count) >= slot.filled] = size
        columns.append(np.array([*slot.pool, ""], dtype=object)[ranks])
    flat = np.stack(columns, axis=1).ravel()
    start = 0
    for number in lengths:
        end = start + int(number) * len(columns)
        yield finished("".join(flat[start:end].tolist()))
        start = end


def finished(text: str) -> str:
    """`text` with a full stop at its end."""
    return text.rstrip("，；。！\n") + "。"


def plain(rng: Draw) -> Iterator[tuple[str, str]]:
    """Domain and text without end: prose alone."""
    names = list(words.DOMAINS)
    while True:
        lengths = MEDIAN * np.exp(rng.normal(0, SPREAD, BLOCK)) / CLAUSE
        numbers = np.clip(lengths.round(), 2, 2000).astype(np.int64)
        parts = np.split(numbers, np.arange(1, len(names)) * BLOCK // len(names))
        texts = [list(clauses(rng, *part)) for part in zip(names, parts, strict=True)]
        for row in zip(*texts, strict=True):
            yield from zip(names, row, strict=True)


def edited(rng: Draw, text: str, share: float) -> str:
    """`text` with about `share` of its characters substituted, inserted or deleted, or moved."""
    characters = list(text)
    for _ in range(max(1, int(share * len(characters)))):
        place, other = (int(n) for n in rng.integers(0, len(characters), 2))
        match int(rng.integers(0, 3)):
            case 0:
                characters[place] = characters[other]
            case 1:
                characters.insert(place, characters[other])
            case _ if len(characters) > 2:
                del characters[place]
    return "".join(characters)


def identifier(rng: Draw) -> str:
    """A sentence with a generated mobile number, e-mail address or identity number."""
    digits = "".join(map(str, rng.integers(0, 10, 8)))
    match int(rng.integers(0, 3)):
        case 0:
            return f"联系电话：139{digits}。"
        case 1:
            return f"邮箱是 reader{digits}@example.com，请来信。"
        case _:
            body = f"110101198{digits[0]}0101{digits[1:4]}"
            weights = [2**power % 11 for power in range(17, 0, -1)]
            total = sum(int(d) * w for d, w in zip(body, weights, strict=True))
            return f"身份证号 {body}{'10X98765432'[total % 11]}。"


def varied(rng: Draw, kind: str, text: str, earlier: list[str]) -> str:
    """What becomes of a plain `text`."""
    match kind:
        case "copy":
            return earlier[int(rng.integers(len(earlier)))]
        case "edited":
            return edited(rng, earlier[int(rng.integers(len(earlier)))], 0.1 * rng.random())
        case "furniture":
            line = pick(rng, words.FURNITURE)
            return f"{line}\n{text}\n{pick(rng, words.FURNITURE)}"
        case "poor":
            return pick(rng, words.POOR)
        case "identifier":
            return text + identifier(rng)
        case _:
            return text


def pick(rng: Draw, lines: str) -> str:
    choices = lines.split("\n")
    return choices[int(rng.integers(len(choices)))]


def records(seed: int) -> Iterator[dict[str, str]]:
    """Documents without end; the same for the same seed."""
    rng = np.random.default_rng(seed)
    kinds, shares = [*KINDS, "plain"], [*SHARES, 1 - sum(SHARES)]
    earlier: list[str] = []
    chosen: list[str] = []
    for number, (domain, text) in enumerate(plain(rng)):
        if number % BLOCK == 0:
            chosen = [kinds[i] for i in rng.choice(len(kinds), BLOCK, p=shares)]
            places = rng.integers(0, 5000, (BLOCK, 2)).tolist()
        place, day = places[number % BLOCK]
        text = varied(rng, chosen[number % BLOCK] if earlier else "plain", text, earlier)
        if len(earlier) < 5000:
            earlier.append(text)
        elif place < 500:
            earlier[place * 10 + day % 10] = text
        yield {
            "text": text,
            "source": SOURCES[place % len(SOURCES)],
            "domain": domain,
            "date": (date(2012, 1, 1) + timedelta(days=day)).isoformat(),
            "group": f"series-{number // 50}" if place < 100 else "",
        }


def write(folder: Path, size: int, seed: int, shard: int = SHARD) -> int:
    """Write shards of `size` bytes of UTF-8 text in all; return the number of documents."""
    folder.mkdir(parents=True, exist_ok=True)
    stream, done, count, part = records(seed), 0, 0, 0
    while done < size:
        limit = min(size, done + shard)
        with (folder / f"part-{part:03}.jsonl").open("w", encoding="utf-8") as file:
            while done < limit:
                record = next(stream)
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
                done, count = done + len(record["text"].encode()), count + 1
        part += 1
    return count


def ngrams(text: str) -> set[str]:
    """The character 5-grams; white space is no character of a shingle."""
    text = "".join(text.split())
    return {text[i : i + NGRAM] for i in range(len(text) - NGRAM + 1)}


def jaccard(left: set[str], right: set[str]) -> float:
    union = len(left | right)
    return len(left & right) / union if union else 1.0


def check(seed: int, documents: int = 2000) -> float:
    """The largest similarity among neighbours of plain prose and random pairs of it."""
    rng = np.random.default_rng(seed)
    stream = plain(rng)
    sets = [ngrams(text) for _, text in (next(stream) for _ in range(documents))]
    pairs = rng.integers(0, documents, (20_000, 2)).tolist()
    return max(jaccard(sets[a], sets[b]) for a, b in pairs if a != b)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--megabytes", type=int, default=10)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    count = write(options.out, options.megabytes * 1_000_000, options.seed)
    print(f"{count} documents; largest Jaccard of unrelated pairs {check(options.seed):.3f}")


if __name__ == "__main__":
    main()
