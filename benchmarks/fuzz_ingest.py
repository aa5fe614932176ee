"""Feeds ingest broken files for as long as asked.

PYTHONPATH=tests python benchmarks/fuzz_ingest.py --seconds 600 --seed 7

Each run makes a folder of random bytes, mutated valid files of every format, links, pipes and
archives. Checks: no exception but a refusal, no hang, every file read, rejected or ignored, valid
documents in their order, and the same bytes again from the cache.
"""

import argparse
import contextlib
import gzip
import io
import json
import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from ingest import made
from xuxie.config import check
from xuxie.errors import Refusal
from xuxie.ingest import stage
from xuxie.ingest.settings import IngestSettings
from xuxie.params.compose import compose
from xuxie.store.records import content_id, read_documents

CONF = Path(__file__).parents[1] / "conf"
PROSE = (".txt", ".md", ".html", ".htm", ".docx", ".pdf")
SUFFIXES = [*PROSE, ".jsonl", ".csv", ".tsv", ".parquet", ".zip", ".tar", ".tgz", ".json", ""]
PACKINGS = ["", "", "", ".gz", ".zst"]
HANG_SECONDS = 60
TEXT = '渡口应当设置“标识”，果园的票据由检验机构保管。\n第二行, "quoted"\t<b>&amp;</b>\n\n第三段。'
ENCODINGS = ["utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-32", "utf-16-le"]
TRICKS = [b"\0", b"\n", b'"', b"\xff", b"\xef\xbb\xbf", b"[" * 2000, b"{", b"9" * 30, b"\\ud800"]
OPTIONS = [f"text_unit={unit}" for unit in ("file", "paragraph", "line")]


def valid(suffix: str, draw: random.Random) -> bytes:
    """A small valid file."""
    encoding = draw.choice(ENCODINGS)
    text = TEXT * draw.choice([1, 1, 12])
    rows = [{"text": text[n:], "n": n, "date": "2024-05-01"} for n in range(draw.randrange(1, 5))]
    cells = "".join('"' + row["text"].replace('"', '""') + f'"|{row["n"]}\n' for row in rows)
    members = {f"内/{n}.txt": text.encode(encoding) for n in range(draw.randrange(4))}
    writers: dict[str, Callable[[], bytes]] = {
        ".docx": lambda: made.word(text, table=[["甲", "乙"]]),
        ".pdf": lambda: made.pdf(text, ""),
        ".parquet": lambda: made.parquet([row["text"] for row in rows]),
        ".zip": lambda: made.zipped(members),
        ".tar": lambda: made.tarred(members, {"链.txt": "/etc/passwd"}),
        ".tgz": lambda: made.tarred(members, mode="w:gz"),
        ".jsonl": lambda: "".join(json.dumps(row) + "\n" for row in rows).encode(encoding),
        ".csv": lambda: f"text,n\n{cells.replace('|', ',')}".encode(encoding),
        ".tsv": lambda: ("text\tn\n" + cells.replace("|", "\t")).encode(encoding),
        ".html": lambda: f"<meta charset=gbk><p>{text}</p><script>x</script>".encode(encoding),
    }
    return writers.get(suffix, lambda: text.encode(encoding))()


def mutated(content: bytes, draw: random.Random) -> bytes:
    """`content` with a few bytes changed, cut, doubled, or replaced by awkward ones."""
    data = bytearray(content)
    for _ in range(draw.choice([0, 1, 1, 2, 5, 30])):
        place, length = draw.randrange(len(data) + 1), draw.choice([1, 1, 2, 4, 50])
        match draw.randrange(5):
            case 0:
                data[place : place + 1] = bytes([draw.randrange(256)])
            case 1:
                del data[place : place + length]
            case 2:
                data[place:place] = data[place : place + length]
            case 3:
                data[place:place] = draw.choice(TRICKS)
            case 4:
                data[place : place + 4] = draw.choice([0, 1, 2**31, 2**32 - 1]).to_bytes(
                    4, "little"
                )
    return bytes(data[: draw.randrange(len(data) + 1)]) if draw.random() < 0.1 else bytes(data)


def content(suffix: str, packing: str, draw: random.Random) -> bytes:
    if draw.random() < 0.2:
        return draw.randbytes(draw.choice([0, 1, 3, 50, 4000]))
    data = mutated(valid(suffix, draw), draw)
    packers = {"": bytes, ".gz": gzip.compress, ".zst": made.zstd}
    packed = packers[packing](data)
    return mutated(packed, draw) if packing and draw.random() < 0.3 else packed


def plant(raw: Path, draw: random.Random) -> list[str]:
    """Make a folder; the names of what must be accounted for."""
    # Most folders hold a good file, so that the bad ones do not end in "no usable documents".
    names = ["好.txt"] if draw.random() < 0.9 else []
    for name in names:
        (raw / name).write_text(TEXT, encoding="utf-8")
    for number in range(draw.randrange(1, 7)):
        suffix, packing = draw.choice(SUFFIXES), draw.choice(PACKINGS)
        name = draw.choice(["", "夹/", "夹/内/"]) + f"{number}{suffix}{packing}"
        path = raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        match draw.randrange(14):
            case 0:
                os.mkfifo(path)
            case 1:
                path.symlink_to(draw.choice(["/etc/passwd", "..", name, "0.txt", "/dev/zero"]))
            case _:
                path.write_bytes(content(suffix, packing, draw))
        names.append(name)
    return names


def hung(number: int, frame: object) -> None:
    raise AssertionError(f"it hangs: signal {number} after {HANG_SECONDS} s at {frame}")


def run(folder: Path, chosen: IngestSettings) -> str:
    """Ingest; `read`, or the code of the refusal."""
    signal.alarm(HANG_SECONDS)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            stage.run(
                chosen,
                raw=folder / "raw",
                out=folder / "out",
                arrivals=folder / "arrivals",
                metrics=folder / "metrics.json",
                cache=folder / "cache.sqlite3",
            )
    except Refusal as refusal:
        assert "\n" not in str(refusal), refusal
        return f"refused {refusal.code}"
    finally:
        signal.alarm(0)
    return "read"


def checked(folder: Path, names: list[str], unit: str) -> "Counter[str]":
    """What became of the files; fails where one is in no list or a document is invalid."""
    report = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    lines = (folder / "out/rejects.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    rejects = [json.loads(line) for line in lines]
    documents = list(read_documents(folder / "out/documents.parquet"))
    for document in documents:
        assert document.id == content_id(document.text) and document.text.strip(), document
    assert [d.arrival for d in documents] == sorted(d.arrival for d in documents)
    assert all(len(reject["detail"]) <= 200 for reject in rejects)
    assert report["documents"] == len(documents)
    assert sum(report["rejected"].values()) == len(rejects)
    told = {reject["file"] for reject in rejects} | set(report["ignored_files"])
    told |= {document.origin.rpartition(":")[0] for document in documents}
    silent = [
        name for name in names if not any(t == name or t.startswith(f"{name}/") for t in told)
    ]
    if unit == "text_unit=file":
        prose = [name for name in silent if name.endswith(PROSE)]
        assert len(prose) <= report["blank"], (prose, report)
    reasons = Counter({f"reject {key}": value for key, value in report["rejected"].items()})
    return reasons + Counter(documents=len(documents), silent=len(silent), files=len(names))


def digest(folder: Path) -> str:
    names = ["out/documents.parquet", "out/rejects.jsonl", "metrics.json"]
    return sha256(b"".join((folder / name).read_bytes() for name in names)).hexdigest()


def one(number: int, seed: int, settings: dict[str, IngestSettings]) -> "Counter[str]":
    """One folder, made from `seed` and `number` alone."""
    draw = random.Random(f"{seed} {number}")
    unit = draw.choice(OPTIONS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "raw").mkdir()
        names = plant(folder / "raw", draw)
        ended = run(folder, settings[unit])
        if ended != "read":
            return Counter({ended: 1, "files": len(names)})
        counts, first = checked(folder, names, unit), digest(folder)
        if number % 4 == 0:
            time.sleep(0.06)  # younger files are not kept
            for _ in range(2):
                again = run(folder, settings[unit])
                assert again == "read", again
                assert digest(folder) == first, (folder / "out/rejects.jsonl").read_text()
        return counts + Counter(read=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the number of one run, to see it again")
    asked = parser.parse_args()
    common = ("ingest.on_error=quarantine", "ingest.limits.free_mib=1", "ingest.limits.line_mib=1")
    settings = {unit: check(compose(CONF, [*common, f"ingest.{unit}"])).ingest for unit in OPTIONS}
    signal.signal(signal.SIGALRM, hung)
    counts: Counter[str] = Counter()
    number, end = asked.only or 0, time.monotonic() + asked.seconds
    while time.monotonic() < end:
        try:
            counts += one(number, asked.seed, settings)
        except BaseException:
            print(f"seed {asked.seed}, --only {number}")
            raise
        number += 1
        if asked.only is not None:
            break
    print(f"seed {asked.seed}: {number} runs")
    for name, count in sorted(counts.items()):
        print(f"{count:9} {name}")


if __name__ == "__main__":
    main()
