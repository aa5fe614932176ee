"""The whole pipeline by DVC, in a checkout of its own, as a user runs it."""

import json
from pathlib import Path

from checkout import Checkout

STAGES = "params fetch ingest clean split tokenizer train evaluate generate".split()


def test_the_first_run_ends_with_scores_samples_costs_and_directions(
    first_run: tuple[Checkout, str],
) -> None:
    _, printed = first_run
    assert [f"Running stage '{stage}'" in printed for stage in STAGES] == [True] * 9
    assert printed.count("今天天气很好。") >= 5
    for part in ("kneser_ney_6", "statutes", "reports/evaluate.html", "make ui", "version 1"):
        assert part in printed


def test_git_holds_what_dvc_does_not(project: Checkout) -> None:
    tracked = set(project.run("git", "ls-files").stdout.split())
    assert {"params.yaml", "dvc.lock", "metrics/evaluate.json"} <= tracked
    assert not [name for name in tracked if name.startswith(("models/gpt/", "data/splits/"))]
    assert project.run("git", "status", "--porcelain").stdout == ""


def test_a_second_run_runs_nothing(project: Checkout) -> None:
    assert project.repro() == []


def test_a_readme_is_no_reason_to_run(project: Checkout) -> None:
    (project.folder / "README.md").write_text("更新\n")
    assert project.repro() == []


def test_an_option_that_is_not_chosen_composes_and_stops_there(project: Checkout) -> None:
    project.edit("conf/model/gpt2-124m.yaml", "dropout: 0.0", "dropout: 0.1")
    assert project.repro() == ["params"]


def test_another_temperature_generates_anew_and_nothing_else(project: Checkout) -> None:
    project.edit("conf/generate/default.yaml", "temperature: 0.8", "temperature: 0.5")
    assert project.repro() == ["params", "generate"]


def test_a_wrong_value_stops_before_any_work(project: Checkout) -> None:
    project.edit("conf/generate/default.yaml", "top_k: 50", "top_k: -1")
    done = project.run("dvc", "repro", code=255)
    assert "generate.top_k = -1" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_number_of_workers_changes_no_byte_and_cleans_nothing_anew(project: Checkout) -> None:
    project.edit("conf/engine/native.yaml", "workers: 2", "workers: 1")
    assert project.repro() == ["params"]
    project.run("python", "-m", "xuxie.clean", "engine.workers=1", PYTHONPATH="src")
    for name in ("kept.parquet", "removed.parquet"):
        again, first = (project.folder / top / "data/clean" / name for top in ("scratch", "."))
        assert again.read_bytes() == first.read_bytes()


def test_an_experiment_gets_its_values_its_stages_and_its_name(project: Checkout) -> None:
    words = "dvc exp run -n seedling -S model=tiny -S model.heads=4 -S train.seed=2".split()
    output = project.run(*words).stdout
    ran = [line.split("'")[1] for line in output.splitlines() if "Running stage" in line]
    assert ran == ["params", "train", "evaluate", "generate"]
    assert "seedling" in project.run("dvc", "exp", "list", "--name-only").stdout
    [(seed,)] = project.query(
        "SELECT value FROM params JOIN runs USING (run_uuid)"
        " WHERE name = 'seedling' AND key = 'train.seed'"
    )
    assert seed == "2"


def test_composing_again_says_which_override_it_drops(project: Checkout) -> None:
    project.edit("params.yaml", "seed: 1", "seed: 2")
    project.edit("conf/ingest/default.yaml", "licence: unstated", "licence: ours")
    done = project.run("dvc", "repro", "params")
    assert "seed: 2 -> 1" in done.stdout


def test_queued_experiments_run_their_own_code_and_are_named(project: Checkout) -> None:
    project.edit("src/xuxie/generate/diversity.py", "NGRAM = 4", "NGRAM = 1")
    for name, seed in (("north", 3), ("south", 4)):
        project.run(*f"dvc exp run --queue -n {name} -S train.seed={seed}".split())
    project.run("git", "checkout", "--", ".")
    project.run("dvc", "exp", "run", "--run-all", "--jobs", "2")
    before = json.loads((project.folder / "metrics/generate.json").read_text())
    for name in ("north", "south"):
        assert generated(project, name)["repetition"] > before["repetition"]
    names = {name for (name,) in project.query("SELECT name FROM runs WHERE status = 'FINISHED'")}
    assert {"north", "south"} <= names


def generated(project: Checkout, experiment: str) -> dict[str, float]:
    """What the experiment wrote to metrics/generate.json, from its own commit."""
    refs = project.run("git", "for-each-ref", "--format=%(refname)", "refs/exps").stdout.split()
    commit = next(found for found in refs if Path(found).name == experiment)
    text = project.run("git", "show", f"{commit}:metrics/generate.json").stdout
    result: dict[str, float] = json.loads(text)
    return result
