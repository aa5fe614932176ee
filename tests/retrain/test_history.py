"""The journal as rows, as a timeline, as a page; and what the commands say of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from challengers import candidate
from xuxie.retrain.history.page import page, timeline
from xuxie.retrain.history.rows import champions, rows
from xuxie.retrain.history.status import lines
from xuxie.retrain.promotion import ledger
from xuxie.track.champion import champion, move

WHY = {"code": "better", "chinese": "好 0.1<b>", "english": "better by 0.1"}
HELD = {"code": "no_difference", "chinese": "没有差别", "english": "no difference"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    def tell(kind: str, **facts: Any) -> None:
        ledger.append(kind, facts, tmp_path)

    for number, name in enumerate(("one", "two"), start=1):
        made = candidate(name, tmp_path / f"runs/champion/v{number}")
        before = str(number - 1) if number > 1 else None
        move(tmp_path, before, str(number), made.fingerprint, after=0)
        verdict = {"reasons": [WHY], "differences": [], "guards": [], "seeds": 0}
        tell(
            "promotion",
            job=name,
            version=str(number),
            bits_per_character={1: 4.0, 2: 3.9}[number],
            verdict=verdict,
        )
        tell("verdict", job=name, outcome="promote", verdict=verdict, why=[], notes=[])
    tell("verdict", job="three", outcome="hold", verdict={"reasons": [HELD]}, why=[], notes=[])
    tell("nothing", job="", why=[["unchanged", "没有新文本", "no new text"]])
    tell("failure", job="four", said="阶段失败 | stage train failed")
    return tmp_path


def test_each_thing_that_happened_is_one_row(project: Path) -> None:
    found = rows(ledger.entries(project))
    assert [row.kind for row in found] == ["failure", "nothing", "hold", "promotion", "promotion"]
    assert found[0].reasons[0].english == "stage train failed"
    assert found[2].reasons[0].chinese == "没有差别"
    assert (found[3].version, found[3].bits) == ("2", 3.9)


def test_a_rollback_brings_the_old_score_back(project: Path) -> None:
    ledger.append("rollback", {"version": "1", "from": "2"}, project)
    points = champions(ledger.entries(project))
    assert [(point.version, point.bits) for point in points] == [("1", 4.0), ("2", 3.9), ("1", 4.0)]
    heights = [step.height for step in timeline(points)]
    assert heights[0] == heights[2] < heights[1]


def test_the_page_tells_failure_verdict_and_champion_first(project: Path) -> None:
    html = page(list(ledger.entries(project)), champion(project))
    places = [html.index(word) for word in ("stage train failed", "冠军留任", "v2", "历任冠军")]
    assert places == sorted(places)
    assert "0.1&lt;b&gt;" in html
    assert "<script" not in html
    assert "xuxie rollback" in html


def test_status_names_the_champion_and_a_broken_journal(project: Path) -> None:
    told = "\n".join(lines(project))
    assert "v2" in told
    assert "stage train failed" in told
    assert "breaks" not in told
    path = project / ledger.JOURNAL
    path.write_bytes(path.read_bytes().replace("没有差别".encode(), "大有差别".encode()))
    assert "the journal breaks at line 6" in "\n".join(lines(project))


def test_the_journal_is_json_lines(project: Path) -> None:
    for line in (project / ledger.JOURNAL).read_text(encoding="utf-8").splitlines():
        assert {"at", "kind", "before"} <= json.loads(line).keys()
