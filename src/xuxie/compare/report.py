"""A comparison as one self-contained page: no scripts, no addresses, pictures drawn inline."""

from itertools import groupby
from typing import Any

import jinja2

from xuxie.compare import drawing, facts
from xuxie.compare.comparison import Comparison
from xuxie.compare.paired import Difference
from xuxie.compare.verdict import LETTERS, short, signed


def page(found: Comparison) -> str:
    """The report's HTML, Chinese first, English second."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("xuxie.compare", "."), autoescape=True, trim_blocks=True
    )
    subjects = found.subjects
    return environment.get_template("report.html").render(
        found=found,
        letters=LETTERS,
        colours=drawing.COLOURS,
        pairs=pairs(found),
        curves=drawing.curves([subject.curve for subject in subjects]),
        samples=samples(found),
        tables=[
            ("数据", "Data", found.data),
            ("配置", "Configuration", found.settings),
            ("代码", "Code", found.code),
        ],
        comparisons=len(found.verdicts),
        width=drawing.WIDTH,
        height=drawing.HEIGHT,
        row=drawing.ROW,
    )


def pairs(found: Comparison) -> list[dict[str, Any]]:
    """Each pair of models: its verdict, its table, its picture."""
    groups = groupby(found.differences, lambda d: (d.first, d.second))
    return [
        pair(list(group), words) for (_, group), words in zip(groups, found.verdicts, strict=True)
    ]


def pair(group: list[Difference], words: Any) -> dict[str, Any]:
    bars, zero, ticks = drawing.forest(group)
    return {
        "first": LETTERS[group[0].first],
        "second": LETTERS[group[0].second],
        "verdict": words,
        "outcome": group[0].outcome(),
        "zero": zero,
        "ticks": ticks,
        "rows": [
            {"d": d, "bar": bar, "signed": signed(d), "short": short(d)}
            for d, bar in zip(group, bars, strict=True)
        ],
    }


def samples(found: Comparison) -> list[tuple[str, list[list[str]]]]:
    """Each prompt, and for each model its continuations."""
    return [
        (prompt, [list(facts.continuations(subject, prompt)) for subject in found.subjects])
        for prompt in facts.prompts(found.subjects)
    ]
