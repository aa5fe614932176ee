"""In which run each text was first seen, over runs, and the order that this gives."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from xuxie.errors import Refusal
from xuxie.ingest import arrivals
from xuxie.store.records import Document, content_id

Ingest = Callable[..., list[Document]]
Report = Callable[[], dict[str, Any]]


def numbered(found: list[Document]) -> list[tuple[str, int]]:
    return [(document.text, document.arrival) for document in found]


def test_texts_keep_the_number_of_the_run_that_first_saw_them(
    ingest: Ingest, report: Report, tmp_path: Path
) -> None:
    raw = tmp_path / "raw"
    assert numbered(ingest({"乙.txt": "一", "丙.jsonl": '{"text": "二"}'})) == [
        ("二", 1),
        ("一", 1),
    ]
    # A new file that sorts first, and a line added to one that was there.
    more = {"丁.txt": "三", "丙.jsonl": '{"text": "四"}\n{"text": "二"}', "A.txt": "五"}
    second = [("二", 1), ("一", 1), ("五", 2), ("三", 2), ("四", 2)]
    assert numbered(ingest(more)) == second
    assert report()["arrivals"] == {"1": 2, "2": 3}
    # One file vanishes, one is renamed, one comes back later: no number changes.
    (raw / "乙.txt").unlink()
    (raw / "丁.txt").rename(raw / "0.md")
    assert numbered(ingest({"戊.txt": "六"})) == [
        ("二", 1),
        ("三", 2),
        ("五", 2),
        ("四", 2),
        ("六", 3),
    ]
    assert ("一", 1) in numbered(ingest({"己.txt": "一"}))


def test_a_run_with_nothing_new_changes_no_byte(ingest: Ingest, tmp_path: Path) -> None:
    def digests() -> list[str]:
        files = [tmp_path / "out/documents.parquet", tmp_path / "arrivals/arrivals.parquet"]
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]

    ingest({"乙.txt": "一", "甲.txt": "二"})
    ingest({"0.txt": "三"})
    first = digests()
    assert len(ingest({})) == 3
    assert digests() == first


def test_a_text_seen_twice_in_one_run_is_registered_once(ingest: Ingest, tmp_path: Path) -> None:
    ingest({"甲.jsonl": '{"text": "同"}\n{"text": "同"}\n{"text": "异"}', "乙.txt": "同"})
    ids = pq.read_table(tmp_path / "arrivals/arrivals.parquet")["id"].to_pylist()
    assert ids == sorted(bytes.fromhex(content_id(text)) for text in ("同", "异"))


def test_many_texts_over_many_runs_keep_their_numbers(tmp_path: Path) -> None:
    # Ids that begin or end with zero bytes too: numpy drops those of fixed strings when it shows
    # them, and must not when it compares them.
    folder = tmp_path / "arrivals"
    known: dict[str, int] = {}
    for run in range(1, 6):
        hexes = [content_id(str(n)) for n in range(run * 300)]
        hexes += [f"{run:02x}" + "00" * 15, "00" * 15 + f"{run:02x}", "00" * 16]
        register = arrivals.load_register(folder)
        found = dict(zip(hexes, register.numbered(hexes).tolist(), strict=True))
        known |= {name: run for name in hexes if name not in known}
        assert found == {name: known[name] for name in hexes}
        arrivals.save_register(folder, register)
    register = arrivals.load_register(folder)
    assert register.numbered(list(known)).tolist() == list(known.values())


def test_a_damaged_register_is_refused(ingest: Ingest, tmp_path: Path) -> None:
    ingest({"甲.txt": "一"})
    path = tmp_path / "arrivals/arrivals.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:20] + bytes([content[20] ^ 1]) + content[21:])
    with pytest.raises(Refusal) as caught:
        ingest({"乙.txt": "二"})
    assert caught.value.code == 65


def test_a_refused_run_registers_nothing(ingest: Ingest, tmp_path: Path) -> None:
    with pytest.raises(Refusal):
        ingest({"甲.txt": "一", "坏.txt": b"\xff"})
    assert not (tmp_path / "arrivals").exists()
    (tmp_path / "raw/坏.txt").unlink()
    assert numbered(ingest({"乙.txt": "二"})) == [("二", 1), ("一", 1)]


def test_a_project_with_a_history_is_told_to_fetch_its_register(
    in_folder: Path, ingest: Ingest, capsys: pytest.CaptureFixture[str]
) -> None:
    (in_folder / "dvc.lock").write_text(f"    - path: {in_folder.as_posix()}/arrivals\n")
    ingest({"甲.txt": "一"})
    assert "dvc pull" in capsys.readouterr().out
    ingest({"乙.txt": "二"})
    assert "dvc pull" not in capsys.readouterr().out
