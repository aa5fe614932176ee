"""A comparison in the terminal."""

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from xuxie.compare.comparison import Comparison
from xuxie.compare.facts import Row
from xuxie.compare.verdict import LETTERS, short, signed

STYLES = {"better": "green", "worse": "red", "seed": "yellow", "none": ""}


def show(found: Comparison, console: Console) -> None:
    """Print it: models, differences, what else differs, and the verdict last."""
    console.print(models(found))
    console.print(differences(found))
    for title, rows in (
        ("数据不同 Data", found.data),
        ("配置不同 Configuration", found.settings),
        ("代码不同 Code", found.code),
    ):
        if rows:
            console.print(differing(title, rows, len(found.subjects)))
    console.print(Group(*remarks(found)), soft_wrap=True)


def models(found: Comparison) -> Table:
    table = Table(title="模型：共同的测试文档上 Models, on the test documents in common")
    for name in ("", "模型 model"):
        table.add_column(name)
    for name in ("文档 documents", "比特/字 bits/char", "命中率 accuracy"):
        table.add_column(name, justify="right")
    for letter, subject, count, score in zip(
        LETTERS, found.subjects, found.counts.each, found.scores, strict=False
    ):
        table.add_row(
            letter,
            Text(subject.name),
            f"{count}",
            f"{score.bits_per_character:.3f}",
            f"{score.accuracy:.1%}",
        )
    return table


def differences(found: Comparison) -> Table:
    table = Table(title="差别：比特/字，负数为更好 Bits per character, negative is better")
    for name in ("", "文本 text"):
        table.add_column(name)
    for name in ("文档 documents", "组 groups", "差别 difference", "p"):
        table.add_column(name, justify="right")
    table.add_column("结论 verdict")
    for d in found.differences:
        words = short(d)
        table.add_row(
            f"{LETTERS[d.second]} − {LETTERS[d.first]}",
            Text(d.part),
            f"{d.documents}",
            f"{d.groups}",
            signed(d),
            f"{d.p:.4f}",
            Text(f"{words.chinese} {words.english}", style=STYLES[d.outcome()]),
        )
    return table


def differing(title: str, rows: list[Row], count: int) -> Table:
    table = Table(title=title)
    for name in ("", *LETTERS[:count]):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(Text(row.key), *(Text(value) for value in row.values))
    return table


def remarks(found: Comparison) -> list[RenderableType]:
    """How many documents were compared, what is not known, and the verdict."""
    counts = found.counts
    lines = [f"共同文档 documents in common: {counts.common}"]
    if counts.different:
        lines.append(
            f"{counts.different} 篇清洗后文本不同，未计入"
            f" | {counts.different} were cleaned to different texts and are left out"
        )
    if found.noise is None:
        lines.append(
            "种子噪声未知：同一配置换个种子也可能差这么多；先运行 xuxie noise"
            " | seed noise is unknown: another seed of the same configuration may differ as much;"
            " run xuxie noise"
        )
    verdicts = [Text(f"{v.chinese}\n{v.english}", style="bold") for v in found.verdicts]
    return [*(Text(line) for line in lines), *verdicts]
