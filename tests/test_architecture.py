"""The arrows between the rooms, and what dvc.yaml must know about them (CONTRIBUTING.md)."""

import ast
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from import_graph import ImportGraph
from xuxie.config import Config

STAGES = [
    "params",
    "fetch",
    "ingest",
    "clean",
    "split",
    "tokenizer",
    "train",
    "evaluate",
    "generate",
]
# May be imported from every room. They decide how a stage starts, speaks and remembers, never what
# it writes, so that no stage declares them in dvc.yaml.
FOUNDATION = {"xuxie.errors", "xuxie.section", "xuxie.entry", "xuxie.stopping"}
LIBRARIES = {
    "store": set(),
    "engine": set(),
    "model": {"store"},
    "track": {"store"},
}
# Commands of a person, not stages: they read what the stages left and run stages as processes. What
# they may import beside the libraries: pure parts of these stages.
APPLICATIONS: dict[str, set[str]] = {
    "compare": {"evaluate", "tokenizer", "train"},
    "proof": set(),
    "retrain": {"clean", "compare", "evaluate", "generate", "ingest", "proof", "tokenizer"},
    "tune": set(),
}
# One importer each: what changes when a library changes lies in one room. Daft has two: `engine`
# says where plans run, `clean` writes one.
ONE_ROOM = {
    "mlflow": {"track"},
    "hydra": {"params"},
    "omegaconf": {"params"},
    "pytorch_lightning": {"train"},
    "daft": {"clean", "engine"},
    "ray": {"engine"},
    "dvc": {"compare"},
    "optuna": {"tune"},
    "apscheduler": {"retrain"},
    "apprise": {"retrain"},
}
ROOMS = {*STAGES, *LIBRARIES, *APPLICATIONS}
VERBS = {
    "xuxie.cli",
    *(
        f"xuxie.cli.{name}"
        for name in (
            "champion",
            "compare",
            "generate",
            "pairs",
            "pipeline",
            "proof",
            "retrain",
            "schedule",
            "tokenizers",
            "tune",
            "verbs",
        )
    ),
}
NO_ROOM_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "core", "base"}


@pytest.fixture(scope="module")
def graph(root: Path) -> ImportGraph:
    return ImportGraph(root / "src")


@pytest.fixture(scope="module")
def stages(root: Path) -> dict[str, Any]:
    """The stages of dvc.yaml."""
    found: dict[str, Any] = yaml.safe_load((root / "dvc.yaml").read_text())["stages"]
    return found


def room_of(module: str) -> str:
    """`clean` for xuxie.clean.plan; empty for what stands beside the rooms, as the command does."""
    room = [*module.split("."), ""][1]
    return room if room in ROOMS else ""


def broken_arrows(graph: ImportGraph) -> list[str]:
    """`importer -> imported` wherever a room reaches where it must not."""
    return [
        f"{name} -> {target}"
        for name, targets in graph.edges.items()
        for target in sorted(targets)
        if target.startswith("xuxie") and room_of(name) and not allowed(name, target)
    ]


def allowed(importer: str, imported: str) -> bool:
    home, away, leaf = room_of(importer), room_of(imported), imported.rpartition(".")[2]
    if home == away or imported in FOUNDATION:
        return True
    if home in LIBRARIES:
        return away in LIBRARIES[home]
    if away in LIBRARIES:
        return True
    if home in APPLICATIONS:
        pure = away in APPLICATIONS[home] and leaf not in {"stage", "__main__"}
        return pure or imported == "xuxie.config"
    earlier = away in STAGES and STAGES.index(away) < STAGES.index(home)
    return (earlier and leaf not in {"stage", "__main__"}) or (home, imported) == (
        "params",
        "xuxie.config",
    )


def test_every_import_follows_the_arrows(graph: ImportGraph) -> None:
    assert broken_arrows(graph) == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("clean/judge/lines.py", "from xuxie.evaluate.tables import ALL"),
        ("train/fit.py", "from xuxie.tokenizer.stage import run"),
        ("store/files.py", "from xuxie.track.place import root"),
        ("model/memory.py", "from xuxie.train import schedule"),
        ("split/leak.py", "from xuxie import cli"),
        ("proof/verify.py", "from xuxie.train.precision import choose"),
        ("train/fit.py", "from xuxie.proof.verify import verify"),
        ("evaluate/tables.py", "from xuxie.compare.documents import ALL"),
        ("compare/paired.py", "from xuxie.evaluate.stage import PARTS"),
        ("track/lookup.py", "from xuxie.compare.subject import Subject"),
    ],
)
def test_a_broken_arrow_is_found(root: Path, tmp_path: Path, file: str, line: str) -> None:
    for path in (root / "src").rglob("*.py"):
        copy = tmp_path / path.relative_to(root / "src")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text())
    with (tmp_path / "xuxie" / file).open("a") as source:
        source.write(f"\ndef late():\n    {line}\n")
    assert len(broken_arrows(ImportGraph(tmp_path))) == 1


@pytest.mark.parametrize(("package", "rooms"), ONE_ROOM.items())
def test_a_library_has_its_room(graph: ImportGraph, package: str, rooms: set[str]) -> None:
    assert {room_of(name) for name in graph.importers(package)} == rooms


@pytest.mark.parametrize("package", ["torch", "transformers", "mlflow", "pytorch_lightning"])
def test_nothing_that_starts_every_stage_loads_a_heavy_library(
    graph: ImportGraph, package: str
) -> None:
    light = graph.reached("xuxie.config", stop=set()) | FOUNDATION | VERBS
    at_top = {
        name
        for name in light
        for node in graph.trees[name].body
        if isinstance(node, ast.Import | ast.ImportFrom)
        and package in ast.unparse(node).replace(".", " ").split()
    }
    assert at_top == set()


def test_room_stage_section_and_group_have_one_name(root: Path, stages: dict[str, Any]) -> None:
    groups = {path.name for path in (root / "conf").iterdir() if path.is_dir()}
    rooms = {path.parent.name for path in (root / "src/xuxie").glob("*/__init__.py")} - {"cli"}
    assert list(stages) == STAGES
    assert groups - {"experiment"} == set(Config.model_fields)
    assert rooms == ROOMS
    assert set(Config.model_fields) == (rooms - {"params", "store", "compare", "proof"})


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_declares_the_code_it_runs(
    graph: ImportGraph, stages: dict[str, Any], stage: str
) -> None:
    reached = graph.reached(f"xuxie.{stage}.__main__", stop={"xuxie.config", *FOUNDATION})
    declared = {Path(dep).with_suffix("") for dep in stages[stage]["deps"]}
    undeclared = {
        name
        for name in reached - FOUNDATION - {"xuxie.config"}
        if room_of(name) != "track" and not covered(Path("src", *name.split(".")), declared)
    }
    assert undeclared - {"xuxie"} == set()
    assert Path("src/xuxie/config") in declared


def covered(module: Path, declared: set[Path]) -> bool:
    return bool({module, *module.parents} & declared)


@pytest.mark.parametrize("stage", STAGES[1:])
def test_a_stage_declares_the_sections_it_reads(
    root: Path, stages: dict[str, Any], stage: str
) -> None:
    tree = ast.parse((root / f"src/xuxie/{stage}/__main__.py").read_text())
    read = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "stage.config"
    }
    # No output depends on tracking or on where plans run: another experiment name must not train
    # the model anew, and a cluster must not clean anew.
    assert read - {"track", "engine"} == set(stages[stage]["params"])


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_runs_the_code_of_its_own_checkout(stages: dict[str, Any], stage: str) -> None:
    assert stages[stage]["cmd"].startswith(f"exec env PYTHONPATH=src python -m xuxie.{stage} ")


@pytest.mark.parametrize("stage", STAGES)
def test_every_path_a_stage_is_given_is_declared(stages: dict[str, Any], stage: str) -> None:
    declared = [stages[stage].get(kind, []) for kind in ("deps", "outs", "metrics")]
    paths = {
        next(iter(item)) if isinstance(item, dict) else item for kind in declared for item in kind
    }
    words = stages[stage]["cmd"].split()[6:]
    assert {word for word in words if not word.startswith("--")} <= paths


def test_git_ignores_what_the_cache_holds(root: Path, stages: dict[str, Any]) -> None:
    # DVC ignores an output when its stage ends well: too late for a run that stops half-way.
    outs = [out for stage in stages.values() for out in stage["outs"] if isinstance(out, str)]
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", *outs],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(done.stdout.split()) == sorted(outs)


def test_metrics_are_for_git_and_data_for_the_cache(stages: dict[str, Any]) -> None:
    metrics = [item for stage in stages.values() for item in stage.get("metrics", [])]
    assert len(metrics) == len(STAGES) - 1
    assert all(options == {"cache": False} for item in metrics for options in item.values())


def test_nothing_runs_when_a_module_is_imported(graph: ImportGraph) -> None:
    running = {
        f"{name}: {ast.unparse(node)}"
        for name, tree in graph.trees.items()
        for node in tree.body
        if isinstance(node, ast.Expr | ast.For | ast.While | ast.With | ast.Try | ast.If)
        and not is_docstring_or_main(node)
    }
    # MLflow runs this file by itself and asks for that line.
    assert running == {"xuxie.track.served: mlflow.models.set_model(Continuation())"}


def is_docstring_or_main(node: ast.stmt) -> bool:
    if isinstance(node, ast.If):
        # Names for annotations alone: what they come from is not imported when the module is.
        return ast.unparse(node.test) in ("__name__ == '__main__'", "TYPE_CHECKING")
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_settings_have_no_defaults(graph: ImportGraph) -> None:
    with_default = {
        f"{name}.{node.name}.{ast.unparse(field.target)}"
        for name, tree in graph.trees.items()
        if name.endswith(".settings") or name == "xuxie.config"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for field in node.body
        if isinstance(field, ast.AnnAssign) and field.value is not None
    }
    assert with_default == set()


def test_no_file_or_folder_has_a_name_that_says_nothing(root: Path) -> None:
    stems = {path.stem for tree in ("src", "tests") for path in (root / tree).rglob("*")}
    assert stems & NO_ROOM_NAMES == set()


def test_files_stay_readable(root: Path) -> None:
    long = [path for path in (root / "src").rglob("*.py") if path.read_text().count("\n") > 300]
    assert long == []
