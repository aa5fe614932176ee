"""A challenger becomes champion, in actions each of which may be the last before a kill.

Every action looks first whether an earlier attempt has done it, so that the whole is done by being
called again. A kill before the pointer moves leaves the old champion, one after it the new one.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xuxie.errors import Refusal, bad_data
from xuxie.retrain.gate.candidate import Candidate
from xuxie.retrain.promotion.branch import commit
from xuxie.retrain.promotion.failpoint import reached
from xuxie.retrain.promotion.ledger import PROMOTION, append_move, latest_serial
from xuxie.store.directories import whole_directory
from xuxie.store.manifest import COMPLETE, MANIFEST, verify
from xuxie.track.champion import FOLDER, Champion, folder_of, move
from xuxie.track.settings import TrackSettings

KEPT = f"{FOLDER}/v[0-9]*/{COMPLETE}"


@dataclass(frozen=True)
class Promotion:
    """
    job: whose challenger it is.
    base: commit whose code trained it.
    expected: version that was champion when it was judged, None for none.
    verdict: the judgement, as JSON.
    files: of the project, by path, as they go into git with it: dvc.lock, params.yaml, metrics.
    """

    job: str
    base: str
    expected: str | None
    challenger: Candidate
    verdict: dict[str, Any]
    files: dict[str, bytes]


def promote(project: Path, tracking: TrackSettings, wanted: Promotion) -> Champion:
    """
    Raises:
        Refusal: the model is not the one that was evaluated (65); MLflow is out of reach (69);
            another version has become champion meanwhile (75).
    """
    check(wanted.challenger)
    reached("register")
    version = registered(project, tracking, wanted)
    reached("copy")
    keep(project / folder_of(version), wanted.challenger)
    reached("move")
    now = move(
        project,
        wanted.expected,
        version,
        wanted.challenger.fingerprint,
        after=latest_serial(project),
    )
    reached("journal")
    record(project, wanted, now)
    reached("commit")
    about = f"Champion {tracking.model} v{version}"
    commit(project, wanted.base, wanted.files, wanted.job, about)
    reached("mirror")
    mirrored(tracking, now)
    reached("end")
    return now


def check(challenger: Candidate) -> None:
    """Bound to the bytes that were evaluated: a model that was exchanged since is refused."""
    if verify(challenger.model) != challenger.fingerprint:
        raise exchanged(challenger.model)


def registered(project: Path, tracking: TrackSettings, wanted: Promotion) -> str:
    """The version in MLflow's registry, one a fingerprint; without MLflow, the next number."""
    if tracking.enabled:
        from xuxie.track.registry import register
        from xuxie.track.sender import send_waiting

        # The run may not have reached MLflow yet, if that was down while it trained.
        send_waiting(tracking.experiment)
        return register(tracking, wanted.challenger.fingerprint, wanted.challenger.lineage)
    markers = {path.parent.name[1:]: path.read_text() for path in project.glob(KEPT)}
    same = [v for v, mark in markers.items() if mark.strip() == wanted.challenger.fingerprint]
    return same[0] if same else str(1 + max(map(int, markers), default=0))


def keep(folder: Path, challenger: Candidate) -> None:
    """The champion's own copy: the registry may be far away when it must answer."""
    if (folder / COMPLETE).exists():
        if (folder / COMPLETE).read_text().strip() != challenger.fingerprint:
            raise another_store(folder)
        if is_whole(folder, challenger.fingerprint):
            return
    copied(challenger.model, folder)
    if verify(folder) != challenger.fingerprint:
        raise exchanged(challenger.model)


def record(project: Path, wanted: Promotion, now: Champion) -> None:
    facts = {
        "job": wanted.job,
        "serial": now.serial,
        "version": now.version,
        "fingerprint": now.fingerprint,
        "from": wanted.expected,
        "commit": wanted.base,
        "bits_per_character": bits(wanted.challenger),
        "verdict": wanted.verdict,
    }
    append_move(PROMOTION, facts, project)


def bits(challenger: Candidate) -> float | None:
    """Of the test text, all sources together."""
    found = challenger.evaluated.get("test", {}).get("all")
    return float(found["bits_per_character"]) if found else None


def mirrored(tracking: TrackSettings, now: Champion) -> bool:
    """Whether MLflow's aliases name the champion; where it is out of reach, doctor sets them."""
    if not tracking.enabled:
        return False
    from xuxie.track.registry import mirror_aliases

    try:
        mirror_aliases(tracking, now)
    except Refusal:
        return False
    return True


def copied(model: Path, folder: Path) -> None:
    """A sealed copy of a sealed directory, there whole or not at all."""
    with whole_directory(folder) as partial:
        own = shutil.ignore_patterns(MANIFEST, COMPLETE)
        shutil.copytree(model, partial, ignore=own, dirs_exist_ok=True)


def is_whole(folder: Path, fingerprint: str) -> bool:
    try:
        return verify(folder) == fingerprint
    except Refusal:
        return False


def another_store(folder: Path) -> Refusal:
    """Versions are numbers of one registry: another one counts anew."""
    return bad_data(
        f"{folder} 属于另一个模型：这个 MLflow 不是登记过它的那个？请检查 MLFLOW_TRACKING_URI",
        f"{folder} belongs to another model: is this MLflow not the one that registered it? Check"
        " MLFLOW_TRACKING_URI",
    )


def exchanged(path: Path) -> Refusal:
    return bad_data(
        f"{path} 不是评估过的那个模型；没有提升，请重新运行 xuxie retrain",
        f"{path} is not the model that was evaluated; nothing was promoted: run xuxie retrain",
    )
