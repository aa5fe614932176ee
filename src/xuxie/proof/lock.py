"""What dvc.lock says of the stages: which outputs they wrote, by DVC's hash."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xuxie.errors import bad_data
from xuxie.proof.cache import Cache
from xuxie.proof.digests import Reader
from xuxie.proof.notation import Unreadable, read


@dataclass(frozen=True)
class Output:
    """
    cached: DVC keeps a copy of it; where not, git does.
    """

    stage: str
    path: str
    hash: str
    cached: bool = True

    @property
    def is_folder(self) -> bool:
        return self.hash.endswith(".dir")

    @property
    def owner(self) -> str:
        return f"{self.stage} → {self.path}"


def stages_of(text: str) -> dict[str, dict[str, Any]]:
    """
    Raises:
        Refusal: the text is no lock file.
    """
    try:
        stages = read(text)["stages"]
        assert all(isinstance(stage, dict) for stage in stages.values())
    except (Unreadable, TypeError, KeyError, AttributeError, AssertionError):
        raise bad_data(
            "dvc.lock 无法读取；请运行 git checkout -- dvc.lock",
            "dvc.lock cannot be read; run git checkout -- dvc.lock",
        ) from None
    return dict(stages)


def outputs_of(stages: dict[str, dict[str, Any]]) -> list[Output]:
    return [
        Output(name, str(out["path"]), str(out["md5"]))
        for name, stage in stages.items()
        for out in stage.get("outs", [])
        if "md5" in out
    ]


def tracked_outputs(project: Path) -> list[Output]:
    """Of dvc.lock, and of what was put under DVC by hand: `NAME.dvc` beside `NAME`."""
    lock, git_has = project / "dvc.lock", uncached(project)
    locked = outputs_of(stages_of(lock.read_text(encoding="utf-8"))) if lock.exists() else []
    found = [replace(output, cached=output.path not in git_has) for output in locked]
    for path in sorted(project.glob("[!.]*/**/*.dvc")):
        folder = path.parent.relative_to(project)
        for out in read(path.read_text(encoding="utf-8")).get("outs", []):
            found.append(Output(path.name, (folder / out["path"]).as_posix(), str(out["md5"])))
    return found


def declared(project: Path) -> dict[str, dict[str, Any]]:
    """The stages of dvc.yaml."""
    stages = read((project / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    return dict(stages)


def uncached(project: Path) -> set[str]:
    """Outputs that dvc.yaml leaves to git."""
    items = [
        item
        for stage in declared(project).values()
        for item in [*stage.get("outs", []), *stage.get("metrics", [])]
        if isinstance(item, dict)
    ]
    return {path for item in items for path, options in item.items() if not cached(options)}


def cached(options: dict[str, Any]) -> bool:
    return bool(options.get("cache", True))


def unlisted_stages(project: Path) -> list[str]:
    """Stages of dvc.yaml that dvc.lock has forgotten: it is written in place, and may be cut."""
    lock = project / "dvc.lock"
    listed = stages_of(lock.read_text(encoding="utf-8")) if lock.exists() else {}
    return [name for name in declared(project) if name not in listed]


def owners_of(outputs: list[Output], reader: Reader, cache: Cache) -> dict[str, str]:
    """Name of a cache object -> whose it is."""
    owners: dict[str, str] = {}
    for output in outputs:
        owners.setdefault(output.hash, output.owner)
        for name, md5 in files_of(output, reader, cache):
            owners.setdefault(md5, f"{output.owner}/{name}")
    return owners


def files_of(output: Output, reader: Reader, cache: Cache) -> Iterator[tuple[str, str]]:
    """Path within a folder, and md5, of each file; nothing where the listing is not to be had."""
    if output.is_folder:
        yield from (cache.listing(reader, output.hash) or {}).items()
