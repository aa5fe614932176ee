"""A bake-off of tokenizers in the terminal and as one self-contained page."""

import jinja2
from rich.console import Console
from rich.table import Table
from rich.text import Text

from xuxie.compare.standings import Result, Standing

WORDS = {
    "": "当前配置 configured",
    "better": "更好 better",
    "worse": "更差 worse",
    "seed": "在种子噪声之内 within seed noise",
    "none": "无差别 no difference",
}
HEADINGS = (
    "分词器 tokenizer",
    "词元 vocabulary",
    "字/词元 chars/token",
    "嵌入占比 embedding share",
    "训练词元 tokens seen",
    "比特/字 bits/char",
    "与当前配置之差 minus configured",
    "结论 verdict",
)


def cells(row: Standing) -> list[str]:
    gap = "" if row.delta is None else f"{row.delta:+.3f} ± {row.margin:.3f}"
    lossy = "" if row.lossless else "；丢失文本 loses text"
    return [
        row.name,
        f"{row.vocabulary:,}",
        f"{row.characters_per_token:.2f}",
        f"{row.embedding_share:.0%}",
        f"{row.tokens:,}",
        f"{row.bits_per_character:.3f}",
        gap,
        WORDS[row.outcome] + lossy,
    ]


def show(result: Result, console: Console) -> None:
    """Print the table, and the verdict last."""
    table = Table(title="同样计算量的分词器，验证集 Tokenizers at equal compute, val")
    for number, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="right" if 0 < number < 7 else "left")
    for row in result.standings:
        table.add_row(*(Text(cell) for cell in cells(row)))
    console.print(table)
    for line in result.verdict():
        console.print(Text(line), soft_wrap=True)


def page(result: Result) -> str:
    """The report's HTML, Chinese first, English second."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("xuxie.compare", "."), autoescape=True, trim_blocks=True
    )
    chinese, english = result.verdict()
    return environment.get_template("standings.html").render(
        chinese=chinese,
        english=english,
        headings=HEADINGS,
        rows=[cells(row) for row in result.standings],
        winner=result.winner,
        flops=[f"{row.flops:.3g}" for row in result.standings],
        documents=result.documents,
    )
