"""What verify found, in words for a terminal."""

from pathlib import Path

from rich.console import Console

from xuxie.proof.damage import Damage
from xuxie.proof.verify import Findings


def show(findings: Findings, project: Path, console: Console) -> None:
    for damage in findings.damages:
        console.print(line(damage, findings, project), markup=False, highlight=False)
    for name in findings.unlisted:
        console.print(
            f"dvc.lock 里没有阶段 {name}：请运行 dvc repro"
            f" | dvc.lock does not know the stage {name}: run dvc repro"
        )
    if findings.changed:
        console.print(
            f"与 git 不同（不算损坏）| differ from git, no damage: {', '.join(findings.changed)}",
            markup=False,
        )
    if findings.skipped:
        console.print("正在训练，未检查检查点 | a training is running: checkpoints not looked at")
    console.print(summary(findings, project), markup=False, highlight=False)


def line(damage: Damage, findings: Findings, project: Path) -> str:
    path = damage.path
    name = path.relative_to(project) if path.is_relative_to(project) else path
    state = "已修复 repaired" if damage in findings.mended else what_to_do(damage)
    return f"{damage.problem} · {damage.kind} · {damage.owner}\n  {name}\n  {state}"


def what_to_do(damage: Damage) -> str:
    if damage.content is not None:
        return "可修复 xuxie verify --repair"
    return f"请运行 run: {damage.advice}" if damage.advice else "xuxie verify --repair"


def summary(findings: Findings, project: Path) -> str:
    read = (
        f"{findings.files:,} 个文件，{findings.bytes / 1e6:,.1f} MB，{findings.seconds:.1f} 秒"
        f" | {findings.files:,} files, {findings.bytes / 1e6:,.1f} MB, {findings.seconds:.1f} s"
    )
    if not findings.damages:
        return f"全部完好 all is intact（{read}）"
    aside = ""
    if findings.aside:
        name = findings.aside.relative_to(project.resolve())
        aside = f"\n损坏的原件在 what was damaged lies in {name}"
    return (
        f"发现 {len(findings.damages)} 处损坏，修复 {len(findings.mended)} 处"
        f" | {len(findings.damages)} damaged, {len(findings.mended)} repaired（{read}）{aside}"
    )
