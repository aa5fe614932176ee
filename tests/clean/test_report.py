"""The clean report: every figure is there, what does not add up is refused, no text can act."""

from collections import Counter
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from xuxie.clean.flow import LABEL, NARROW, TALL, WIDE, flow
from xuxie.clean.report import page, percent
from xuxie.clean.report_text import changes, difference, plain, visible

HOSTILE = (
    "</script><script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "<svg onload=document.title='owned'>",
    '"><a href="javascript:document.title=1">点我</a>',
    "</style></title><iframe src=javascript:alert(1)>",
    "{{ 7 * 7 }}{% include 'x' %}",
    "\x1b[31m红色\x1b[0m\x07",
    "\u202e左右颠倒\u202c\u2066隔离\u2069\u200b\u200d\ufeff\U000e0041",
    "好" + "\u0301" * 10_000,
    "\0\ufffe\ue000\x85\u2028",
)
REASONS = {"duplicate": 60, "near_duplicate": 9, "too_short": 20, "wrong_language": 1}


def made_summary(sources: int = 2, reasons: dict[str, int] = REASONS) -> dict[str, Any]:
    """Figures that add up; source n is smaller than source n - 1."""
    rows = {}
    for place in range(sources):
        removed = {reason: number * (sources - place) for reason, number in reasons.items()}
        kept = 1000 // (place + 1)
        rows[f"来源{place}"] = {
            "in": kept + sum(removed.values()),
            "kept": kept,
            "removed": removed,
            "characters_in": kept * 90,
            "characters_kept": kept * 80,
        }
    return totalled(rows)


def totalled(rows: dict[str, Any]) -> dict[str, Any]:
    def total(key: str) -> int:
        return sum(row[key] for row in rows.values())

    removed: Counter[str] = Counter()
    for row in rows.values():
        removed.update(row["removed"])
    kept = total("kept")
    return {
        "documents": {"in": total("in"), "kept": kept, "removed": total("in") - kept},
        "characters": {"in": total("characters_in"), "kept": total("characters_kept")},
        "removed": dict(removed),
        "sources": rows,
        "rules": {"width": 123, "invisible": 45, "a_new_rule": 6},
        "repeated_lines": {"lines": 12, "documents": 341, "characters": 5123},
        "near_duplicates": {"clusters": 317, "largest": 14, "compared": 2219},
        "identifiers": {"mobile": {"found": 31, "masked": 29, "kept": 2, "documents": 28}},
        "languages": {"zh": kept - 3, "en": 3},
        "lengths": [["<=   25", kept - 10], ["> 25", 10]],
    }


def made_samples(text: str = "第十一条规定") -> dict[str, Any]:
    """Every kind of sample, each with `text` in every place that a corpus can reach."""
    placed = {"text": text, "origin": text}
    member = {**placed, "text": text + "又", "jaccard": 0.914}
    return {
        "rules": {"width": [{"before": f"第１１条{text}", "after": "第11条", "origin": text}]},
        "reasons": {reason: [{**placed, "detail": text}] for reason in REASONS},
        "clusters": [{"size": 14, "leader": placed, "members": [member]}],
        "repeated_lines": [{"line": text, "documents": 207}],
    }


def parsed(summary: dict[str, Any], samples: dict[str, Any]) -> LexborHTMLParser:
    return LexborHTMLParser(page(summary, samples))


def text_of(summary: dict[str, Any], samples: dict[str, Any]) -> str:
    body = parsed(summary, samples).body
    assert body is not None
    return body.text()


def test_the_page_needs_nothing_else() -> None:
    tree = parsed(made_summary(), made_samples())
    assert not tree.css("script, link, img, iframe, object, embed, base, form, [src]")
    policy = tree.css_first("meta[http-equiv=Content-Security-Policy]").attributes["content"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert page(made_summary(), made_samples()) == page(made_summary(), made_samples())


def test_links_lead_to_places_on_the_page() -> None:
    tree = parsed(made_summary(), made_samples())
    links = [link.attributes["href"] or "" for link in tree.css("a")]
    assert len(links) == 10
    assert all(len(tree.css(f"[id='{link[1:]}']")) == 1 for link in links)


def test_every_figure_is_shown() -> None:
    summary = made_summary()
    text = text_of(summary, made_samples())
    for row in (summary, *summary["sources"].values()):
        for number in row["removed"].values():
            assert f"{number:,}" in text
    for row in summary["sources"].values():
        for key in ("in", "kept", "characters_in", "characters_kept"):
            assert f"{row[key]:,}" in text
    for key in ("documents", "characters", "rules", "repeated_lines", "near_duplicates"):
        assert all(f"{number:,}" in text for number in summary[key].values())
    assert all(figure in text for figure in ("31", "29", "28", "0.91", "207", "≤ 25"))
    assert percent(1500, 1770) in text


def test_every_rule_and_reason_appears_known_or_not() -> None:
    summary = made_summary(reasons={f"reason_{n:02}": n + 1 for n in range(20)})
    text = text_of(summary, {})
    for code in (*summary["removed"], *summary["rules"], *summary["sources"]):
        assert code in text
    assert "全角转半角" in text and "full width folded" in text


def test_a_rule_with_samples_but_no_count_appears() -> None:
    samples = {"rules": {"another": [{"before": "甲乙", "after": "甲丙", "origin": "a"}]}}
    assert "another" in text_of(made_summary(), samples)


def test_a_corpus_without_removals_has_a_page() -> None:
    summary = made_summary(sources=1, reasons={})
    summary |= {"rules": {}, "identifiers": {}, "languages": {}}
    text = text_of(summary, {})
    assert "100.0 %" in text
    assert text.count("None.") == 5


@pytest.mark.parametrize(
    ("path", "number"),
    [
        (("documents", "kept"), 1),
        (("documents", "in"), 1),
        (("removed", "too_short"), -1),
        (("sources", "来源0", "kept"), 1),
        (("sources", "来源0", "characters_kept"), 1),
        (("sources", "来源1", "removed", "duplicate"), 1),
        (("characters", "in"), 1),
        (("lengths", 0, 1), 1),
    ],
)
def test_figures_that_do_not_add_up_make_no_page(path: tuple[Any, ...], number: int) -> None:
    summary = deepcopy(made_summary())
    inner: Any = summary
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] += number
    with pytest.raises(AssertionError, match="add up"):
        page(summary, {})


def test_a_reason_moved_between_sources_is_noticed_by_source() -> None:
    summary = made_summary()
    removed = summary["sources"]["来源0"]["removed"]
    removed["duplicate"], removed["too_short"] = removed["too_short"], removed["duplicate"]
    with pytest.raises(AssertionError, match="by source"):
        page(summary, {})


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(text: str) -> None:
    plain_tree = parsed(made_summary(), made_samples("无害"))
    summary = made_summary()
    rows = {text if name == "来源0" else name: row for name, row in summary["sources"].items()}
    summary["sources"] = rows
    made = page(summary, made_samples(text))
    tree = LexborHTMLParser(made)
    assert tree.css_first("title").text() == plain_tree.css_first("title").text()
    assert not tree.css("script, iframe, img, [onerror], [onload], [src]")
    assert {link.attributes["href"] for link in tree.css("a")} == {
        link.attributes["href"] for link in plain_tree.css("a")
    }
    assert len(tree.css("svg")) == 2
    assert not set(made) & set(
        "\0\x07\x1b\x85\u200b\u200d\u202e\u2028\u2066\u2069\ufeff\ufffe\ue000"
    )
    assert made.count("\u0301") < 200


def test_removed_samples_stand_alone_for_direction() -> None:
    tree = parsed(made_summary(), made_samples("شكرا"))
    holders = [node for node in tree.css("bdi") if node.text() == "شكرا"]
    assert len(holders) > len(REASONS)


def test_what_cannot_be_seen_becomes_a_box() -> None:
    boxes = [p.text for p in visible("a\u200b\x1b\u00a0\u3164b")[0].pieces if p.style == "box"]
    assert boxes == ["U+200B", "ESC", "U+00A0", "U+3164"]
    spaces = [p.style for p in visible("甲 乙\u3000丙\t丁\n戊")[0].pieces if p.style]
    assert spaces == ["space", "full", "tab", "end"]


def test_emoji_stay_whole() -> None:
    family = "👩‍👩‍👧 ❤️"
    assert "".join(p.text for p in visible(family)[0].pieces) == family
    assert "U+200D" in [p.text for p in visible("我\u200d们")[0].pieces]


def test_a_long_text_is_cut_and_says_by_how_much() -> None:
    stretches = visible("文" * 1500, 100)
    assert stretches[0].pieces[0].text == "文" * 100
    assert stretches[1].pieces[0].text == "… +1,400"


def test_just_the_changed_stretch_is_marked() -> None:
    old, new = changes("第１１条规定", "第11条规定")
    assert [s.pieces[0].text for s in old if s.change] == ["１１"]
    assert [s.pieces[0].text for s in new if s.change] == ["11"]


def test_a_late_change_of_a_long_text_is_on_the_page() -> None:
    old, new = changes("前" * 5000 + "\u200b后", "前" * 5000 + "后")
    assert [s.pieces[0].text for s in old if s.change == "gone"] == ["U+200B"]
    assert [s.change for s in new if s.change] == ["more"]


def test_a_member_shows_what_it_lacks_and_what_it_adds() -> None:
    found = difference("房间很干净，服务好", "房间干净，服务很好")
    changed = [(s.change, s.pieces[0].text) for s in found if s.change]
    assert changed == [("gone", "很"), ("new", "很")]


def test_labels_are_cut_by_their_width() -> None:
    assert plain("汉字汉字", 6) == "汉字汉…"
    assert plain("abcdef", 6) == "abcdef"
    assert plain("a\u202eb", 20) == "a[U+202E]b"


def test_shares_never_claim_all_or_nothing_falsely() -> None:
    assert percent(1, 100_000) == "< 0.1 %"
    assert percent(99_999, 100_000) == "> 99.9 %"
    assert percent(0, 0) == percent(0, 9) == "0.0 %"


@pytest.mark.parametrize("frame", [WIDE, NARROW])
@pytest.mark.parametrize("sources", [1, 2, 12])
def test_labels_of_the_flow_never_meet(sources: int, frame: Any) -> None:
    reasons = {f"r{n:02}": 1 if n > 4 else 400 for n in range(20)}
    picture = flow(made_summary(sources, reasons)["sources"], frame)
    for x in {node.x for node in picture.nodes}:
        places = sorted(node.label_y for node in picture.nodes if node.x == x)
        assert all(b - a >= LABEL for a, b in pairwise(places))
        assert places[0] >= LABEL / 2 and places[-1] <= picture.height - LABEL / 2


def test_the_flow_is_in_proportion_and_loses_nothing() -> None:
    summary = made_summary(12, {f"r{n:02}": n + 1 for n in range(20)})
    picture = flow(summary["sources"])
    total = summary["documents"]["in"]
    assert sum(band.documents for band in picture.ribbons) == total
    left, right = ([n for n in picture.nodes if (n.style == "source") == side] for side in (1, 0))
    assert sum(n.documents for n in left) == sum(n.documents for n in right) == total
    assert all(n.height == pytest.approx(n.documents / total * TALL) for n in left)
    assert (left[-1].zh, right[-1].zh) == ("其余来源", "其余原因")
    assert (len(left), len(right)) == (9, 16)


def test_nothing_kept_takes_no_colour_of_what_is_kept() -> None:
    row = {"in": 5, "kept": 0, "removed": {"too_short": 5}}
    assert {band.style for band in flow({"甲": row}).ribbons} == {"c0"}
