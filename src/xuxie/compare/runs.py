"""A model as MLflow holds it: the run that trained it, with what evaluate and generate added."""

from xuxie.compare.subject import Curve, Subject, no_scores, samples_from, scores_from
from xuxie.track.events import FINGERPRINT
from xuxie.track.lineage import DATA
from xuxie.track.lookup import Found, Lookup

CURVES = ("train", "val")


def logged(store: Lookup, run: Found) -> Subject:
    """
    Raises:
        Refusal: the run has no scores of documents.
    """
    name = f"{run.name} ({run.run_id[:8]})"
    hashes = {key.removeprefix(DATA): md5 for key, md5 in tags_of(run, DATA).items() if "/" in key}
    scores = store.artifact(run.run_id, "scores/test.parquet")
    if scores is None:
        raise no_scores(name)
    return Subject(
        name=name,
        run_id=run.run_id,
        fingerprint=run.tags.get(FINGERPRINT, ""),
        params=run.params | tags_of(run, "numerics."),
        commit=run.tags.get("git.commit", ""),
        changed=run.tags.get("git.changed") == "yes",
        data=hashes,
        scores=scores_from(scores, name),
        samples=samples_from(store.artifact(run.run_id, "samples/samples.jsonl")),
        curve=curve_of(store, run.run_id),
    )


def tags_of(run: Found, prefix: str) -> dict[str, str]:
    return {key: value for key, value in run.tags.items() if key.startswith(prefix)}


def curve_of(store: Lookup, run_id: str) -> Curve:
    """One point for each number of tokens after which a figure was taken."""
    points: dict[int, dict[str, float]] = {}
    for part in CURVES:
        for tokens, value in store.curve(run_id, f"{part}/bits_per_character"):
            points.setdefault(tokens, {"tokens": float(tokens)})[part] = value
    return [points[tokens] for tokens in sorted(points)]
