"""What is imported is declared, what is declared is explained and locked."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from import_graph import ImportGraph

# Declared for a command of theirs, or because transformers imports them; not for an import of ours.
COMMANDS = {
    "gguf",
    "pytest-cov",
    "pytest-xdist",
    "ruff",
    "mypy",
    "pre-commit",
    "types-pyyaml",
    "types-tqdm",
}


# Extras that are installed by those who need them, and so are not locked.
BY_CHOICE = {"ray", "s3", "stores"}


@pytest.fixture(scope="module")
def declared(root: Path) -> dict[str, list[Requirement]]:
    """Requirements by extra; those of the main job under the empty name."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    by_extra = {"": project["dependencies"]} | project["optional-dependencies"]
    return {extra: [Requirement(line) for line in lines] for extra, lines in by_extra.items()}


@pytest.fixture(scope="module")
def locked(root: Path) -> dict[str, str]:
    """Versions by canonical name, of both lock files."""
    lines = [
        line
        for name in ("requirements.lock", "requirements-check.lock")
        for line in (root / name).read_text().splitlines()
        if line and not line.startswith("#")
    ]
    pins = [line.partition("==") for line in lines]
    return {canonicalize_name(name): version for name, _, version in pins}


def imported(root: Path, tree: str) -> set[str]:
    """Distributions whose modules the files of a tree import."""
    ours = {"xuxie", *(path.stem for path in (root / "tests").iterdir())}
    owners = packages_distributions()
    packages = {
        target.partition(".")[0]
        for targets in ImportGraph(root / tree).edges.values()
        for target in targets
    }
    third_party = packages - ours - sys.stdlib_module_names
    # mlflow-skinny and mlflow share a package: the shorter name is the one that brings both.
    return {
        canonicalize_name(min(owners.get(package, [package]), key=len)) for package in third_party
    }


def names(requirements: list[Requirement]) -> set[str]:
    return {canonicalize_name(requirement.name) for requirement in requirements}


def test_what_src_imports_is_declared_and_what_is_declared_is_used(
    root: Path, declared: dict[str, list[Requirement]]
) -> None:
    assert imported(root, "src") == names([*declared[""], *declared["ray"]]) - COMMANDS


def test_what_the_tests_import_is_declared(
    root: Path, declared: dict[str, list[Requirement]]
) -> None:
    used = imported(root, "tests") - names(declared[""]) - names(declared["stores"])
    assert used == names(declared["test"]) - COMMANDS


def test_every_dependency_is_locked_within_its_range(
    declared: dict[str, list[Requirement]], locked: dict[str, str]
) -> None:
    outside = {
        str(requirement): locked.get(canonicalize_name(requirement.name))
        for extra in declared.keys() - BY_CHOICE
        for requirement in declared[extra]
        if not requirement.specifier.contains(locked.get(canonicalize_name(requirement.name), "0"))
    }
    assert outside == {}


def test_every_dependency_is_explained(root: Path, declared: dict[str, list[Requirement]]) -> None:
    rows = re.findall(r"^\| `([^`]+)` \|", (root / "docs/dependencies.md").read_text(), re.M)
    direct = set().union(*(names(requirements) for requirements in declared.values()))
    assert {canonicalize_name(row) for row in rows} == direct | {"setuptools"}


def test_the_lock_takes_the_build_of_torch_that_the_machine_offers(locked: dict[str, str]) -> None:
    assert re.fullmatch(r"2\.\d+\.\d+", locked["torch"])


def test_the_environment_is_what_the_lock_says(locked: dict[str, str], root: Path) -> None:
    from importlib.metadata import version

    main = (root / "requirements.lock").read_text().splitlines()
    pinned = [canonicalize_name(line.partition("==")[0]) for line in main if line[:1].isalpha()]
    assert {
        name: version(name) for name in pinned if version(name).partition("+")[0] != locked[name]
    } == {}


@pytest.mark.parametrize("line", ["import leftpad", "from yaml_extra import load"])
def test_an_undeclared_import_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "xuxie").mkdir()
    (tmp_path / "xuxie" / "new.py").write_text(f"def late():\n    {line}\n")
    assert ImportGraph(tmp_path).edges["xuxie.new"] & {"leftpad", "yaml_extra"}
