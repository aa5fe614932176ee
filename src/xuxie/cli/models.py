"""What a trained model says and how good it is."""

import argparse
import sys
from pathlib import Path

from xuxie.cli.verbs import MODEL, Verbs
from xuxie.entry import PARAMS

PAIRS = Path("data/minimal_pairs.tsv")
COMPARISON = Path("reports/compare.html")
SPLITS = Path("data/splits")


def add(verb: Verbs) -> None:
    generating = verb("generate", generate, "续写提示 continue prompts with the trained model")
    generating.add_argument(
        "prompts", nargs="+", metavar="PROMPT", help="开头 the text to continue"
    )
    generating.add_argument("-n", type=int, default=1, help="每个开头的续写数 samples a prompt (1)")
    generating.add_argument("--seed", type=int, help="随机种子 seed (generate.seed)")
    generating.add_argument("--temperature", type=float, help="温度 (generate.temperature)")
    generating.add_argument(
        "--max-new-tokens", type=int, help="最多词元数 (generate.max_new_tokens)"
    )
    generating.add_argument(
        "--stop",
        action="append",
        metavar="TEXT",
        help="遇到此文本即止，可多次给出 end before this text; may be repeated (generate.stop)",
    )
    generating.add_argument(
        "--weights", choices=("fp32", "int8"), help="权重精度 precision (generate.weights)"
    )
    generating.add_argument(
        "--model", type=Path, help=f"模型目录 directory (冠军 the champion, 否则 else {MODEL})"
    )
    comparing = verb(
        "pairs",
        pairs,
        "模型能否认出通顺的句子 does the model find the good one of two sentences likelier",
    )
    comparing.add_argument(
        "source",
        nargs="?",
        type=Path,
        default=PAIRS,
        metavar="FOLDER",
        help=f"JSONL 句对文件夹，如 ZhoBLiMP folder of pairs as JSON lines ({PAIRS})",
    )
    comparing.add_argument(
        "--model", type=Path, default=MODEL, help=f"模型目录 directory ({MODEL})"
    )
    measuring = verb(
        "noise", noise, "种子噪声：k 次短训练的分数相差多少 how far scores move with the seed alone"
    )
    measuring.add_argument("--seeds", type=int, default=3, help="训练次数 trainings (3)")
    measuring.add_argument(
        "--share", type=float, default=0.2, help="占 train.epochs 的几成 share of the epochs (0.2)"
    )
    comparing = verb(
        "compare",
        compare,
        "比较模型：谁更好、好多少、有多确定 compare models: which is better, how much, how sure",
    )
    comparing.add_argument(
        "models",
        nargs="+",
        metavar="MODEL",
        help="运行编号或名称、git 版本、DVC 实验、登记的版本（3 或 NAME/3）、. 为工作区；"
        "可写 run:、git:、version: 以免歧义 a run's id or name, a git revision, a DVC experiment,"
        " a registered version (3 or NAME/3), . for the workspace; run:, git: or version: before"
        " a word that could mean several",
    )
    comparing.add_argument(
        "--report", type=Path, default=COMPARISON, help=f"网页 where the page goes ({COMPARISON})"
    )
    comparing.add_argument(
        "--no-log", action="store_true", help="不记入 MLflow do not log the page to MLflow"
    )
    tuning = verb(
        "tune",
        tune,
        "搜索 train 和 model 的配置（conf/tune），写成 conf/experiment/NAME.yaml；中断后可继续"
        " search settings of train and model (conf/tune) and write conf/experiment/NAME.yaml;"
        " goes on after a stop",
    )
    tuning.add_argument("name", metavar="NAME", help="实验名 name of the search and the experiment")
    tuning.add_argument("--trials", type=int, help="试验总数 trials in all (tune.trials)")
    tracing = verb(
        "provenance",
        provenance,
        "哪些片段逐字出自训练集 which stretches of a text stand verbatim in the training split",
    )
    tracing.add_argument("texts", nargs="+", metavar="TEXT", help="文本 any text; - 标准输入 stdin")
    tracing.add_argument(
        "--characters",
        type=int,
        help="片段最少的字数 fewest characters (generate.provenance.characters)",
    )
    tracing.add_argument(
        "--splits", type=Path, default=SPLITS, help=f"split 阶段的目录 directory ({SPLITS})"
    )


def generate(arguments: argparse.Namespace) -> int:
    """Stream continuations of the prompts to the terminal."""
    from xuxie import config

    settings = config.load(PARAMS)
    chosen = {
        name: getattr(arguments, name)
        for name in ("seed", "temperature", "max_new_tokens", "stop", "weights")
        if getattr(arguments, name) is not None
    }
    generating = settings.generate.model_dump() | {
        "samples": arguments.n,
        "prompts": arguments.prompts,
    }
    checked = config.check(settings.model_dump() | {"generate": generating | chosen}).generate

    from xuxie.generate.command import stream

    stream(checked, arguments.model or serving())
    return 0


def serving() -> Path:
    """The champion's directory where there is a champion, else the workspace's model."""
    from xuxie.track.champion import champion

    found = champion()
    if found is None:
        return MODEL
    print(f"冠军 champion: v{found.version}", file=sys.stderr)
    return Path(found.folder)


def pairs(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from xuxie import config
    from xuxie.evaluate.minimal_pairs.command import show

    show(config.load(PARAMS).evaluate, arguments.source, arguments.model, Console())
    return 0


def provenance(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from xuxie import config
    from xuxie.generate.provenance.command import show

    chosen = config.load(PARAMS).model_dump()
    if arguments.characters is not None:
        chosen["generate"]["provenance"]["characters"] = arguments.characters
    texts = [standard_input() if text == "-" else text for text in arguments.texts]
    show(config.check(chosen).generate.provenance, texts, arguments.splits, Console())
    return 0


def standard_input() -> str:
    """Bytes that are no UTF-8 stay recognisable, as Python keeps them in arguments."""
    return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")


def noise(arguments: argparse.Namespace) -> int:
    """Short trainings that differ in their seed alone -> metrics/noise.json."""
    from xuxie import config
    from xuxie.compare.seeds import Plan, check_plan, show

    check_plan(arguments.seeds, arguments.share)
    return show(Plan(config.load(PARAMS), Path(), arguments.seeds, arguments.share))


def compare(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from xuxie import config
    from xuxie.compare.command import run

    settings = config.load(PARAMS)
    run(
        arguments.models,
        settings.evaluate.bootstrap,
        settings.track,
        report=arguments.report,
        log=not arguments.no_log,
        console=Console(),
    )
    return 0


def tune(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from xuxie import config
    from xuxie.tune.command import run

    values = config.load(PARAMS).model_dump()
    if arguments.trials is not None:
        values["tune"]["trials"] = arguments.trials
    run(arguments.name, config.check(values), Console())
    return 0
