"""Planted champions and challengers, and what is said of them."""

from typing import Any

import pytest

from challengers import TEXTS, candidate, samples, with_fresh
from planted_scores import scores
from xuxie.compare.noise import Noise
from xuxie.config import check
from xuxie.params.compose import compose
from xuxie.retrain.gate.judge import Arrived, Judgement, judge
from xuxie.retrain.outcome import Outcome

CHAMPION = candidate("3")


@pytest.fixture(scope="module")
def chosen(root: Any) -> Any:
    return check(compose(root / "conf", ["evaluate.bootstrap.resamples=500"]))


def judged(chosen: Any, champion: Any = CHAMPION, **changes: Any) -> Judgement:
    told = {key: changes.pop(key) for key in ("noise", "slower", "arrived") if key in changes}
    gate, bootstrap = chosen.retrain.gate, chosen.evaluate.bootstrap
    return judge(
        champion, candidate("challenger", **changes), gate, bootstrap, **({"noise": None} | told)
    )


def codes(found: Judgement) -> list[str]:
    return [reason.code for reason in found.reasons]


def test_a_better_challenger_is_promoted_with_the_figure(chosen: Any) -> None:
    found = judged(chosen, scores=scores(seed=2, better=0.2))
    assert (found.outcome, codes(found)) == (Outcome.PROMOTE, ["better"])
    assert "better by 0.2" in found.reasons[0].english


def test_another_seed_is_held(chosen: Any) -> None:
    found = judged(chosen, scores=scores(seed=2))
    assert (found.outcome, codes(found)) == (Outcome.HOLD, ["no_difference"])


def test_what_documents_call_better_and_seeds_may_do_is_held(chosen: Any) -> None:
    table = scores(seed=1, better=0.05)
    assert judged(chosen, scores=table).outcome is Outcome.PROMOTE
    found = judged(chosen, scores=table, noise=Noise(5, {"all": 0.03}))
    assert (found.outcome, codes(found)) == (Outcome.HOLD, ["no_difference"])
    assert "beyond seed noise" in found.reasons[0].english


def test_a_worse_challenger_is_rejected(chosen: Any) -> None:
    found = judged(chosen, scores=scores(seed=2, better=-0.2))
    assert found.outcome is Outcome.REJECT
    assert codes(found)[0] == "worse"


def test_better_on_the_whole_and_worse_on_one_source_is_rejected(chosen: Any) -> None:
    found = judged(chosen, scores=scores(seed=2, better=0.6, statutes=-1.0))
    assert found.outcome is Outcome.REJECT
    assert "statutes" in " ".join(reason.english for reason in found.reasons)


def test_better_on_new_text_is_promoted_and_forgetting_the_old_rejected(chosen: Any) -> None:
    """Reviews, the last documents, count as new: the old are statutes and some reviews."""
    before = with_fresh(scores(seed=1), 0.2)
    champion = candidate("3", scores=before)
    bits = before["bits"].to_numpy()
    frozen = before["frozen"].to_numpy(zero_copy_only=False)

    def changed(new: float, old: float) -> Any:
        moved = bits - before["characters"].to_numpy() * ((~frozen) * new + frozen * old)
        return before.set_column(before.column_names.index("bits"), "bits", [moved])

    found = judged(chosen, champion, scores=changed(new=0.5, old=0.0))
    assert found.outcome is Outcome.PROMOTE
    assert "better_on_new" in codes(found)
    found = judged(chosen, champion, scores=changed(new=3.0, old=-0.2))
    assert found.outcome is Outcome.REJECT
    assert "worse_on_part" in codes(found)


def test_seeds_count_on_new_text_too_which_their_measurement_did_not_tell_apart(
    chosen: Any,
) -> None:
    before = with_fresh(scores(seed=1), 0.2)
    moved = before["bits"].to_numpy() - 0.1 * (
        before["characters"].to_numpy() * ~before["frozen"].to_numpy(zero_copy_only=False)
    )
    after = before.set_column(before.column_names.index("bits"), "bits", [moved])
    champion = candidate("3", scores=before)
    quiet = Noise(5, {"all": 0.001, "reviews": 0.001, "statutes": 0.001})
    found = judged(chosen, champion, scores=after, noise=quiet)
    assert "better_on_new" in codes(found)
    loud = Noise(5, {"all": 0.03, "reviews": 0.05, "statutes": 0.03})
    found = judged(chosen, champion, scores=after, noise=loud)
    assert (found.outcome, codes(found)) == (Outcome.HOLD, ["no_difference"])


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("identifiers", {"samples": samples([*TEXTS, "请拨打手机13812345678联系我。"])}),
        ("diversity", {"samples": samples(TEXTS[:1] * 5)}),
        ("minimal_pairs", {"evaluated": {"minimal_pairs": {"all": {"accuracy": 0.6}}}}),
        ("size", {"parameters": 3_000_000}),
        ("speed", {"slower": 2.5}),
    ],
)
def test_each_guard_rejects_a_better_model(chosen: Any, code: str, changes: dict[str, Any]) -> None:
    found = judged(chosen, scores=scores(seed=2, better=0.2), **changes)
    assert found.outcome is Outcome.REJECT
    assert codes(found) == [code, "better"]
    assert "13812345678" not in str(found.to_json())


def test_samples_that_all_repeat_themselves_reject_and_two_of_five_are_chance(chosen: Any) -> None:
    better = scores(seed=2, better=0.2)
    found = judged(chosen, scores=better, samples=samples([text * 2 for text in TEXTS]))
    assert found.outcome is Outcome.REJECT
    assert "repetition" in codes(found)
    # A mean of 0.31 says little here: of the champion's next five, two may do so as well.
    two = samples([TEXTS[0][:4] * 5, TEXTS[1][:4] * 5, *TEXTS[2:]])
    assert judged(chosen, scores=better, samples=two).outcome is Outcome.PROMOTE


def test_text_that_was_mostly_thrown_away_is_held_with_the_reason(chosen: Any) -> None:
    table = scores(seed=2, better=0.2)
    advert = Arrived(documents=1010, removed={"near_duplicate": 999, "short": 3}, distance=0.1)
    found = judged(chosen, scores=table, arrived=advert)
    assert (found.outcome, codes(found)) == (Outcome.HOLD, ["mostly_removed", "better"])
    assert "mostly for near_duplicate" in found.reasons[0].english
    usual = Arrived(documents=1000, removed={"near_duplicate": 100}, distance=0.1)
    assert judged(chosen, scores=table, arrived=usual).outcome is Outcome.PROMOTE


def test_text_unlike_all_that_came_before_is_held_however_good(chosen: Any) -> None:
    table = scores(seed=2, better=0.2)
    noise = Arrived(documents=300, removed={}, distance=0.9)
    found = judged(chosen, scores=table, arrived=noise)
    assert (found.outcome, codes(found)) == (Outcome.HOLD, ["unlike", "better"])
    genre = Arrived(documents=300, removed={}, distance=0.61)
    assert judged(chosen, scores=table, arrived=genre).outcome is Outcome.PROMOTE


def test_the_first_needs_no_champion_but_keeps_the_guards(chosen: Any) -> None:
    assert judged(chosen, None).outcome is Outcome.PROMOTE
    bad = samples([text * 10 for text in TEXTS])
    assert codes(judged(chosen, None, samples=bad)) == ["repetition", "diversity"]
    # With nobody to be compared with, what no model may pass is the only limit.
    twice = samples([text * 2 for text in TEXTS])
    assert judged(chosen, None, samples=twice).outcome is Outcome.PROMOTE


def test_the_verdict_is_json(chosen: Any) -> None:
    told = judged(chosen, scores=scores(seed=2, better=0.2)).to_json()
    assert told["outcome"] == "promote"
    assert {row["part"] for row in told["differences"]} == {"all", "reviews", "statutes"}
    assert all(guard["kept"] for guard in told["guards"])
