"""The outputs of the stages, as they lie in the workspace, against dvc.lock."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from xuxie.proof.cache import Cache
from xuxie.proof.damage import Damage, Expected, Kind, Problem, compared
from xuxie.proof.digests import Reader
from xuxie.proof.lock import Output
from xuxie.track.outputs import files_below, listing


def damaged_outputs(
    project: Path, outputs: list[Output], reader: Reader, cache: Cache
) -> Iterator[Damage]:
    for output in outputs:
        place = project / output.path
        if not output.is_folder:
            wanted = Expected(place, "md5", output.hash, Kind.OUTPUT, output.owner)
            if found := compared(reader, wanted, advice=rerun(output)):
                yield found
            if output.cached:
                yield from missing_objects(output, {"": output.hash}, reader, cache)
        elif (recorded := cache.listing(reader, output.hash)) is not None:
            yield from damaged_files(place, output, recorded, reader)
            yield from missing_objects(output, recorded, reader, cache)
        else:
            yield from without_listing(place, output, reader, cache)


def damaged_files(
    place: Path, output: Output, recorded: dict[str, str], reader: Reader
) -> Iterator[Damage]:
    for name, md5 in recorded.items():
        wanted = Expected(place / name, "md5", md5, Kind.OUTPUT, output.owner)
        if found := compared(reader, wanted, advice=rerun(output)):
            yield found
    for path in files_below(place):
        if path.relative_to(place).as_posix() not in recorded:
            yield Damage(path, Kind.OUTPUT, output.owner, Problem.EXTRA)


def missing_objects(
    output: Output, recorded: dict[str, str], reader: Reader, cache: Cache
) -> Iterator[Damage]:
    """What the listing names must be in the cache; damage there is found beside this."""
    for name, md5 in recorded.items():
        place = cache.place(md5)
        if reader.read(place) is None:
            owner = f"{output.owner}/{name}" if name else output.owner
            yield Damage(place, Kind.CACHE, owner, Problem.MISSING, hash=md5, advice=rerun(output))


def without_listing(place: Path, output: Output, reader: Reader, cache: Cache) -> Iterator[Damage]:
    """The listing is damaged or gone: the folder as it lies tells whether it is whole."""
    content = listing(found_below(place, reader))
    object_place, md5 = cache.place(output.hash), output.hash.removesuffix(".dir")
    whole = hashlib.md5(content).hexdigest() == md5
    if not whole:
        yield Damage(place, Kind.OUTPUT, output.owner, Problem.CHANGED, advice=rerun(output))
    if reader.read(object_place) is None:
        yield Damage(
            object_place,
            Kind.CACHE,
            output.owner,
            Problem.MISSING,
            hash=md5,
            content=content if whole else None,
            advice=rerun(output),
        )


def found_below(place: Path, reader: Reader) -> dict[str, str]:
    digests = {path: reader.read(path) for path in files_below(place)}
    return {p.relative_to(place).as_posix(): d.md5 for p, d in digests.items() if d is not None}


def rerun(output: Output) -> str:
    if output.stage.endswith(".dvc"):
        return f"dvc checkout --force {output.stage}"
    return f"dvc repro --force --single-item {output.stage}"
