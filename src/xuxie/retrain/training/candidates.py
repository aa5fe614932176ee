"""Champion and challenger with what evaluate and generate make of them on the same documents."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa

from xuxie.compare.subject import samples_from, scores_from
from xuxie.errors import bad_data
from xuxie.retrain.gate.candidate import Candidate
from xuxie.retrain.places import SCORED, Champion, read_json
from xuxie.retrain.training.data import PARAMS, params_of, write_params
from xuxie.retrain.training.worktree import Worktree, stage_failed
from xuxie.store.manifest import fingerprint_of, verify

# Scores of champions that are kept: of the latest few trainings.
KEPT = 3
# Of the champion nobody reads baselines and positions again: a third of the time for its scores.
SCORES_ONLY = {"position_windows": 0, "baseline_characters": 1000}
# What stages write -> where it is kept.
OUTPUTS = {
    "models/gpt": "model",
    "data/scores": "scores",
    "samples": "samples",
    "metrics": "metrics",
    "reports/evaluate.html": "evaluate.html",
    "dvc.lock": "dvc.lock",
    "params.yaml": "params.yaml",
}


def keep_challenger(tree: Worktree, folder: Path) -> None:
    """Copy what the stages wrote out of the checkout, which goes away when the job is over."""
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for source, target in OUTPUTS.items():
        path = tree.folder / source
        if path.is_dir():
            shutil.copytree(path, partial / target)
        else:
            shutil.copyfile(path, partial / target)
    verify(partial / "model")
    shutil.rmtree(folder, ignore_errors=True)
    partial.replace(folder)


def scored_again(tree: Worktree, champion: Champion) -> Path:
    """The champion's scores and samples on the splits of this checkout; made once.

    The stages' own code does it, outside DVC's record and MLflow's: the champion's run keeps the
    figures of its own time.
    """
    folder = tree.project / SCORED / key(tree, champion)
    if folder.is_dir():
        return folder
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    params = params_of(tree)
    for section, changed in (("track", {"enabled": False}), ("evaluate", SCORES_ONLY)):
        params[section] |= changed
    write_params(partial / PARAMS, params)
    for room, paths in evaluations(champion.model, partial).items():
        words = (word for name, value in paths.items() for word in (f"--{name}", str(value)))
        if code := tree.python(f"xuxie.{room}", *words):
            raise stage_failed(f"{room} ({champion.version})", code, tree.log)
    partial.replace(folder)
    forget_old(tree.project)
    return folder


def slower(tree: Worktree, champion: Path, challenger: Path) -> float:
    """How many times the champion's time a token takes the challenger."""
    out = tree.log.with_name("speed.json")
    paths = {"champion": champion, "challenger": challenger, "params": PARAMS, "out": out}
    words = (word for name, value in paths.items() for word in (f"--{name}", str(value)))
    if code := tree.python("xuxie.retrain.gate.speed", *words):
        raise stage_failed("speed", code, tree.log)
    return float((read_json(out) or {})["slower"])


def evaluations(model: Path, out: Path) -> dict[str, dict[str, Path | str]]:
    """The paths that both stages are given."""
    given: dict[str, Path | str] = {
        "params": out / PARAMS,
        "model": model,
        "splits": "data/splits",
    }
    return {
        "evaluate": given
        | {
            "pairs": "data/minimal_pairs.tsv",
            "curves": "plots/train/loss.csv",
            "metrics": out / "metrics/evaluate.json",
            "scores": out / "scores",
            "plots": out / "plots",
            "report": out / "evaluate.html",
        },
        "generate": given | {"out": out / "samples", "metrics": out / "metrics/generate.json"},
    }


def key(tree: Worktree, champion: Champion) -> str:
    params = params_of(tree)
    told = {
        "model": champion.fingerprint,
        "splits": fingerprint_of(tree.folder / "data/splits"),
        "evaluate": params["evaluate"],
        "generate": params["generate"],
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def forget_old(project: Path) -> None:
    folders = [path for path in (project / SCORED).glob("[!.]*") if path.is_dir()]
    for path in sorted(folders, key=lambda path: path.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(path, ignore_errors=True)


def table_of(path: Path) -> pa.Table:
    return scores_from(path.read_bytes(), path.as_posix())


def challenger(folder: Path, lineage: dict[str, str]) -> Candidate:
    """
    Args:
        folder: what `keep_challenger` left.
    """
    model = folder / "model"
    return candidate("challenger", model, verify(model), folder, lineage)


def champion_candidate(champion: Champion, scored: Path, lineage: dict[str, str]) -> Candidate:
    """
    Raises:
        Refusal: the champion's files are not those that were promoted.
    """
    fingerprint = verify(champion.model)
    if fingerprint != champion.fingerprint:
        raise other_model(champion)
    return candidate(champion.version, champion.model, fingerprint, scored, lineage)


def candidate(
    name: str, model: Path, fingerprint: str, found: Path, lineage: dict[str, str]
) -> Candidate:
    return Candidate(
        name=name,
        model=model,
        fingerprint=fingerprint,
        scores=table_of(found / "scores/test.parquet"),
        evaluated=read_json(found / "metrics/evaluate.json") or {},
        samples=samples_from((found / "samples/samples.jsonl").read_bytes()),
        parameters=parameters_of(model),
        lineage=lineage,
    )


def parameters_of(model: Path) -> int:
    told: dict[str, Any] = read_json(model / "training.json") or {}
    return int(told.get("params", {}).get("parameters", 0))


def other_model(champion: Champion) -> Exception:
    return bad_data(
        f"{champion.model} 不是登记的冠军（版本 {champion.version}）；请运行 xuxie doctor",
        f"{champion.model} is not the registered champion (version {champion.version});"
        " run xuxie doctor",
    )
